import { createGate } from '../../../src/ledger/gate';

describe('gate', () => {
  it('lets a later event through only when all earlier ones have decided', () => {
    const gate = createGate();
    const [first, second, third] = [gate.join(), gate.join(), gate.join()];
    const opened: number[] = [];
    gate.onOpen(third, () => opened.push(third));
    gate.onOpen(second, () => opened.push(second));
    expect([first, second, third].map((place) => gate.isOpen(place))).toEqual([true, false, false]);
    gate.decided(second);
    expect(opened).toEqual([]);
    gate.decided(first);
    expect(opened).toEqual([third, second]);
    expect(gate.isOpen(third)).toBe(true);
  });

  it('holds what comes after an event that must be retried, and nothing before it', () => {
    const gate = createGate();
    const places = [gate.join(), gate.join(), gate.join()];
    gate.holdAfter(places[1] as number);
    gate.holdAfter(places[2] as number); // a later one holds nothing less
    expect(places.map((place) => gate.isHeld(place))).toEqual([false, false, true]);
  });
});
