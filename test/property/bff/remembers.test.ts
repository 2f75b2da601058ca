import fc from 'fast-check';
import { includesCommand, nextCommands, wouldRemember } from '../../../src/bff/plan/recent-commands';
import { settingsOf } from '../../../src/bff/settings';
import type { Item } from '../../../src/bff';

/*
 * A refusal is certain when the item would remember the command, had it been applied. Here it is applied, or not, and
 * anything may follow: commands of deployments that remember more or less, with clocks of their own, by a read or
 * without one; events; an item that is taken away with its memory, and made anew.
 */

const settings = (rememberCommands: number) => settingsOf({ rememberCommands });
const T = 1000;

interface Act {
  readonly kind: 'command' | 'event' | 'wiped';
  readonly remember: number;
  readonly clock: number;
  readonly shifts: boolean;
}

const write = (item: Item | undefined, id: string, { remember, clock, shifts }: Act): Item => {
  const timestamp = Math.max(T + clock, Number(item?.['timestamp'] ?? -1) + 1);
  const known = item?.['recentCommands'] as unknown[] | undefined;
  const list = shifts && known
    // As the table shifts: every place that is not there yet is NULL, what is behind is removed.
    ? [id, timestamp, ...Array.from({ length: 2 * remember - 2 }, (_none, i) => known[i] ?? null)]
    : nextCommands(item, id, timestamp, settings(remember));
  return { pk: 'a', timestamp, recentCommands: list };
};

const play = (item: Item | undefined, acts: readonly Act[], prefix: string): Item | undefined => acts.reduce<Item | undefined>((now, act, i) => {
  if (act.kind === 'command') return write(now, `${prefix}${i}`, act);
  const timestamp = Math.max(T + act.clock, Number(now?.['timestamp'] ?? -1) + 1);
  return act.kind === 'event' ? { ...now, timestamp } : { pk: 'a', timestamp };
}, item);

const act = fc.record<Act>({
  kind: fc.constantFrom('command', 'command', 'command', 'event', 'wiped'),
  remember: fc.constantFrom(1, 2, 3, 16), clock: fc.integer({ min: 0, max: 60 }), shifts: fc.boolean(),
});

it('what is told as certain is true, whatever came before and after', () => {
  let certain = 0;
  fc.assert(fc.property(fc.array(act, { maxLength: 6 }), act, fc.array(act, { maxLength: 8 }), fc.boolean(), (before, own, after, applied) => {
    const base = play(undefined, before, 'before');
    const mine = write(base, 'mine', own);
    const end = play(applied ? mine : base, after, 'after');
    const made = Number(mine['timestamp']);
    if (!end || includesCommand(end, settings(8), 'mine')) return;
    if (wouldRemember(end, settings(8), base?.['timestamp'] as number | undefined, made)) {
      certain += 1;
      expect(applied).toBe(false);
    }
  }), { numRuns: 5000 });
  expect(certain).toBeGreaterThan(100); // it is not certain of nothing
});

it('is certain of the usual case: somebody else was faster, on an item that only commands write', () => {
  fc.assert(fc.property(fc.array(act, { minLength: 1, maxLength: 6 }), act, act, (before, own, other) => {
    const commands = (acts: readonly Act[]): readonly Act[] => acts.map((one) => ({ ...one, kind: 'command', remember: 8 }));
    const base = play(undefined, commands(before), 'before');
    const end = play(base, commands([other]), 'other');
    expect(end && wouldRemember(end, settings(8), Number(base?.['timestamp']), Number(write(base, 'mine', own)['timestamp']))).toBe(true);
  }));
});
