import { firstDelivery, nextDeliveries, type Invocation, type RetryRules } from '../../../src/replay/next-deliveries';
import { deliverAll } from '../../support/delivering';

const rules: RetryRules = { maximumRetryAttempts: 2, bisectBatchOnFunctionError: false, reportBatchItemFailures: true, progressStartsAnew: false };
const bisecting: RetryRules = { ...rules, bisectBatchOnFunctionError: true };
const record = (n: number) => ({ kinesis: { sequenceNumber: String(n) } });
const batch = (n: number) => Array.from({ length: n }, (_none, at) => record(at));
const failedAt = (...numbers: number[]): Invocation => ({ kind: 'response', response: { batchItemFailures: numbers.map((n) => ({ itemIdentifier: String(n) })) } });
const fine: Invocation = { kind: 'response', response: null };
const thrown: Invocation = { kind: 'failed' };

describe('what follows an invocation', () => {
  const records = batch(20);

  it('is nothing when all is well', () => {
    expect(nextDeliveries(firstDelivery(records), fine, rules)).toEqual({ delivered: records, next: [], givenUp: [] });
  });

  it('is the rest, from the lowest number on', () => {
    expect(nextDeliveries(firstDelivery(records), failedAt(12, 7), rules)).toEqual({
      delivered: records.slice(0, 7), next: [{ records: records.slice(7), retries: 1, invocations: 1 }], givenUp: [],
    });
  });

  it('does not look at the response of a mapping that has not asked for one', () => {
    expect(nextDeliveries(firstDelivery(records), failedAt(7), { ...rules, reportBatchItemFailures: false })).toEqual({ delivered: records, next: [], givenUp: [] });
  });

  it('is the whole of it after a failure, and the end after the last retry', () => {
    expect(nextDeliveries({ records, retries: 1, invocations: 1 }, thrown, rules)).toEqual({ delivered: [], next: [{ records, retries: 2, invocations: 2 }], givenUp: [] });
    expect(nextDeliveries({ records, retries: 2, invocations: 2 }, thrown, rules)).toEqual({ delivered: [], next: [], givenUp: records });
  });

  it('is the whole of it after an interruption, which uses up no retry', () => {
    const at = { records, retries: 2, invocations: 2 };
    expect(nextDeliveries(at, { kind: 'interrupted' }, rules)).toEqual({ delivered: [], next: [{ records, retries: 2, invocations: 3 }], givenUp: [] });
  });

  it('counts a rewind as a retry, also when the checkpoint moved on', () => {
    const at = { records, retries: 2, invocations: 2 };
    expect(nextDeliveries(at, failedAt(7), rules)).toEqual({ delivered: records.slice(0, 7), next: [], givenUp: records.slice(7) });
    expect(nextDeliveries(at, failedAt(7), { ...rules, progressStartsAnew: true }).next).toEqual([{ records: records.slice(7), retries: 0, invocations: 3 }]);
  });

  it('has no end when the attempts have none', () => {
    expect(nextDeliveries({ records, retries: 9_999, invocations: 9_999 }, thrown, { ...rules, maximumRetryAttempts: -1 }).next).toHaveLength(1);
  });

  it('is two halves with bisect, whatever the retries', () => {
    const odd = batch(5);
    expect(nextDeliveries({ records: odd, retries: 2, invocations: 3 }, thrown, bisecting)).toEqual({
      delivered: [], next: [firstDelivery(odd.slice(0, 3)), firstDelivery(odd.slice(3))], givenUp: [],
    });
  });

  it('with bisect splits a partial response at its number, and halves when that is the first', () => {
    const sizes = deliverAll(records, (given) => {
      const at = given.findIndex(({ kinesis }) => kinesis.sequenceNumber === '7');
      return at >= 0 && given.length > 7 ? failedAt(7) : fine;
    }, bisecting).invocations.map((given) => [given[0]?.kinesis.sequenceNumber, given.at(-1)?.kinesis.sequenceNumber]);
    expect(sizes).toEqual([['0', '19'], ['7', '19'], ['7', '13'], ['14', '19']]);
  });

  it('isolates one record of 64 in 15 invocations, of which the record has three', () => {
    const all = batch(64);
    const { delivered, givenUp, invocations } = deliverAll(all, (given) => (given.includes(all[41] as never) ? thrown : fine), bisecting);
    expect(givenUp).toEqual([all[41]]);
    expect(delivered).toEqual(all.filter((one) => one !== all[41]));
    expect(invocations).toHaveLength(15);
    expect(invocations.filter((given) => given.length === 1 && given[0] === all[41])).toHaveLength(3);
  });
});
