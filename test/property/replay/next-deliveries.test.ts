import fc from 'fast-check';
import type { Invocation, RetryRules } from '../../../src/replay/next-deliveries';
import { deliverAll } from '../../support/delivering';

interface Numbered { readonly kinesis: { readonly sequenceNumber: string }; readonly n: number }

const batchOf = (size: number): Numbered[] => Array.from({ length: size }, (_none, n) => ({ n, kinesis: { sequenceNumber: String(100 + n) } }));

const rules = fc.record({
  maximumRetryAttempts: fc.integer({ min: 0, max: 4 }),
  bisectBatchOnFunctionError: fc.boolean(),
  reportBatchItemFailures: fc.boolean(),
  progressStartsAnew: fc.boolean(),
});

/** What a handler may do with a batch: throw, or report any of its records, or nonsense. */
const behaviour = fc.infiniteStream(fc.oneof(
  { weight: 4, arbitrary: fc.constant('fine' as const) },
  { weight: 2, arbitrary: fc.constant('throws' as const) },
  { weight: 3, arbitrary: fc.array(fc.nat(200), { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom('', 'nobody', null) },
));

const act = (how: 'fine' | 'throws' | readonly number[] | '' | 'nobody' | null, records: readonly Numbered[]): Invocation => {
  if (how === 'fine') return { kind: 'response', response: { batchItemFailures: [] } };
  if (how === 'throws') return { kind: 'failed' };
  const identifiers = typeof how === 'object' && how !== null ? how.map((at) => records[at % records.length]?.kinesis.sequenceNumber) : [how];
  return { kind: 'response', response: { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) } };
};

const byNumber = (records: readonly Numbered[]): number[] => records.map(({ n }) => n).sort((a, b) => a - b);

describe('any handler, any rules', () => {
  it('every record ends once: delivered or given up', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), rules, behaviour, (size, given, moods) => {
      const batch = batchOf(size);
      const { delivered, givenUp } = deliverAll(batch, (records) => act(moods.next().value, records), given);
      expect(byNumber([...delivered, ...givenUp])).toEqual(byNumber(batch));
    }));
  });

  it('no record is handed over again after one behind it was settled', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), rules, behaviour, (size, given, moods) => {
      const { invocations, delivered } = deliverAll(batchOf(size), (records) => act(moods.next().value, records), given);
      // Each invocation is a run of neighbours, and none begins before the one before it.
      for (const [at, records] of invocations.entries()) {
        expect(records.map(({ n }) => n)).toEqual(records.map((_one, offset) => (records[0]?.n ?? 0) + offset));
        expect(records[0]?.n ?? 0).toBeGreaterThanOrEqual(invocations[at - 1]?.[0]?.n ?? 0);
      }
      expect(delivered.map(({ n }) => n)).toEqual(byNumber(delivered));
    }));
  });

  it('retries are bounded: without bisect, at most one more invocation than retries', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), rules, behaviour, (size, given, moods) => {
      const fixed: RetryRules = { ...given, bisectBatchOnFunctionError: false, progressStartsAnew: false };
      const { invocations } = deliverAll(batchOf(size), (records) => act(moods.next().value, records), fixed);
      expect(invocations.length).toBeLessThanOrEqual(fixed.maximumRetryAttempts + 1);
    }));
  });

  it('with bisect exactly the poison is given up, however a function fails, in few invocations', () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 300 }), fc.uniqueArray(fc.nat(299), { maxLength: 5 }), fc.integer({ min: 0, max: 4 }), fc.boolean(),
      (size, at, maximumRetryAttempts, reports) => {
        const batch = batchOf(size);
        const poison = new Set(at.filter((n) => n < size));
        const { givenUp, delivered, invocations } = deliverAll(batch, (records) => {
          const bad = records.filter(({ n }) => poison.has(n));
          if (bad.length === 0) return { kind: 'response', response: null };
          return reports ? { kind: 'response', response: { batchItemFailures: bad.map(({ kinesis }) => ({ itemIdentifier: kinesis.sequenceNumber })) } } : { kind: 'failed' };
        }, { maximumRetryAttempts, bisectBatchOnFunctionError: true, reportBatchItemFailures: true, progressStartsAnew: false });
        expect(new Set(givenUp.map(({ n }) => n))).toEqual(poison);
        expect(delivered).toHaveLength(size - poison.size);
        const perPoison = 2 * Math.ceil(Math.log2(size)) + maximumRetryAttempts + 1;
        expect(invocations.length).toBeLessThanOrEqual(1 + poison.size * (perPoison + (reports ? Math.ceil(Math.log2(size)) : 0)));
      },
    ));
  });
});
