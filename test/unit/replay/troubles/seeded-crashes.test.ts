import { seededCrashes } from '../../../../src/replay/troubles/seeded-crashes';

/** Where each of many invocations of ten records is interrupted: at a request, at its end, or nowhere. */
const points = (ratio: number, seed: number, invocations = 2_000): readonly string[] => {
  const plan = seededCrashes(ratio, seed);
  return Array.from({ length: invocations }, () => {
    plan.startInvocation?.(10);
    for (let request = 0; request < 10; request += 1) {
      const trouble = plan.troubleOf(request, 0);
      if (trouble) return `${trouble} ${request}`;
    }
    return plan.diesUnanswered?.() ? 'unanswered' : 'none';
  });
};

test('the share that is asked for, at every point, before and after the request', () => {
  const all = points(0.5, 1);
  expect(Math.abs(all.filter((point) => point !== 'none').length - 1_000)).toBeLessThan(120);
  const kinds = Array.from({ length: 10 }, (_, i) => [`crash-after ${i}`, `crash-before ${i}`]).flat();
  expect([...new Set(all)].sort()).toEqual([...kinds, 'none', 'unanswered'].sort());
});

test('the same points for the same seed, others for another, and more for a greater ratio at the same places', () => {
  expect(points(0.3, 7)).toEqual(points(0.3, 7));
  expect(points(0.3, 7)).not.toEqual(points(0.3, 8));
  const [few, many] = [points(0.2, 7), points(0.9, 7)];
  expect(few.every((point, i) => point === 'none' || point === many[i])).toBe(true);
});
