import fc from 'fast-check';
import { emf } from '../../../src/metrics/emf';
import type { Metrics } from '../../../src/metrics/metrics';
import { recordSettled } from '../../../src/metrics/outcome-metrics';
import { combineOutcomes, type Outcome } from '../../../src/outcome';
import type { Settled, SettledPart } from '../../../src/settled';
import { readEmf } from './emf-lines';

const origin: Settled['origin'] = { source: 'kinesis', sourceScope: 'arn', shard: 's', identifier: '1', subSequence: 0, key: 'k', clock: 'producer' };
const event = { id: 'e', type: 'thing-created', timestamp: 1_700_000_000_000 };
const settle = (parts: readonly SettledPart[], outcome = combineOutcomes(parts.map((part) => part.outcome))): Settled => ({ record: {}, origin, event, outcome, parts });

const record = (...settled: readonly Settled[]): unknown[] => {
  const added: unknown[] = [];
  const metrics: Metrics = { add: (...call) => added.push(call), flush: () => {} };
  for (const one of settled) recordSettled(metrics, one, 1_700_000_000_250);
  return added;
};

describe('recordSettled', () => {
  it('counts each part under its pipeline, with lag and lateness', () => {
    expect(record(settle([
      { pipeline: 'a', outcome: { kind: 'applied' } },
      { pipeline: 'b', outcome: { kind: 'stale', behindMs: 40 } },
      { pipeline: 'c', outcome: { kind: 'tombstoned', behindMs: 0 } },
      { pipeline: 'd', outcome: { kind: 'stale' } },
      { pipeline: 'e', outcome: { kind: 'duplicate' } },
    ]))).toEqual([
      ['oplock.applied', 'Count', 1, { pipeline: 'a' }],
      ['oplock.lag', 'Milliseconds', 250, { pipeline: 'a' }],
      ['oplock.stale', 'Count', 1, { pipeline: 'b' }],
      ['oplock.lateness', 'Milliseconds', 40, { pipeline: 'b' }],
      ['oplock.tombstoned', 'Count', 1, { pipeline: 'c' }],
      ['oplock.lateness', 'Milliseconds', 0, { pipeline: 'c' }],
      ['oplock.stale', 'Count', 1, { pipeline: 'd' }],
      ['oplock.duplicate', 'Count', 1, { pipeline: 'e' }],
    ]);
  });

  it('counts an event that reached no pipeline', () => {
    const { event: _, ...undecoded } = settle([], { kind: 'fault', error: new Error('no JSON') });
    expect(record(settle([]), undecoded, settle([{ pipeline: '', outcome: { kind: 'filtered' } }]))).toEqual([
      ['oplock.filtered', 'Count', 1, { pipeline: '-' }],
      ['oplock.fault', 'Count', 1, { pipeline: '-' }],
      ['oplock.filtered', 'Count', 1, { pipeline: '-' }],
    ]);
  });

  it('leaves no part uncounted in what CloudWatch reads', () => {
    const outcome = fc.constantFrom<Outcome>(
      { kind: 'applied' }, { kind: 'duplicate' }, { kind: 'stale', behindMs: 3 }, { kind: 'tombstoned' }, { kind: 'conflict', reason: 'x' },
      { kind: 'filtered' }, { kind: 'fault', error: 1 }, { kind: 'retry', reason: 'transient' },
    );
    const part = fc.record({ pipeline: fc.constantFrom('', 'a', 'b', '__proto__', 'ü'), outcome });
    fc.assert(fc.property(fc.array(fc.array(part, { maxLength: 3 }), { maxLength: 40 }), (events) => {
      const lines: string[] = [];
      const metrics = emf({ namespace: 'n', write: (line) => lines.push(line) });
      for (const parts of events) recordSettled(metrics, settle(parts), 1_700_000_000_250);
      void metrics.flush();
      const counted = readEmf(lines).filter(({ unit }) => unit === 'Count').flatMap(({ values }) => values).reduce((a, b) => a + b, 0);
      expect(counted).toBe(events.reduce((sum, parts) => sum + Math.max(1, parts.length), 0));
    }));
  });
});
