import fc from 'fast-check';
import { deliverBatch, recordsToRetry, type StreamHandler } from '../../../src/replay/mapping';

const kinesis = (sequenceNumber: string) => ({ kinesis: { sequenceNumber } });
const dynamodb = (SequenceNumber: string) => ({ dynamodb: { SequenceNumber } });
const failing = (...identifiers: unknown[]) => ({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });

// 9 < 10 as numbers, not as texts.
const batch = ['8', '9', '10', '11', '12'].map(kinesis);

describe('what is delivered again', () => {
  test.each([
    ['undefined', undefined],
    ['null', null],
    ['an empty response', {}],
    ['a null list', { batchItemFailures: null }],
    ['an empty list', { batchItemFailures: [] }],
  ])('%s: nothing', (_name, response) => {
    expect(recordsToRetry(batch, response)).toEqual([]);
  });

  test.each([
    ['an empty identifier', failing('')],
    ['a null identifier', failing(null)],
    ['an identifier under another name', { batchItemFailures: [{ itemId: '10' }] }],
    ['an identifier of no record', failing('77')],
    ['a good identifier and a bad one', failing('11', '')],
    ['a null failure', { batchItemFailures: [null] }],
    ['a list that is none', { batchItemFailures: '10' }],
    ['a text', 'ok'],
    ['a list', ['10']],
  ])('%s: the whole batch', (_name, response) => {
    expect(recordsToRetry(batch, response)).toEqual(batch);
  });

  test('one identifier: everything from it on', () => {
    expect(recordsToRetry(batch, failing('10'))).toEqual(batch.slice(2));
    expect(recordsToRetry(batch, failing('8'))).toEqual(batch);
    expect(recordsToRetry(batch, failing('12'))).toEqual(batch.slice(4));
  });

  test('several: the lowest number counts, not the first in the list nor in the alphabet', () => {
    expect(recordsToRetry(batch, failing('12', '9', '10'))).toEqual(batch.slice(1));
  });

  test('records of a DynamoDB stream are known by their number, too', () => {
    const changes = ['100', '200', '300'].map(dynamodb);
    expect(recordsToRetry(changes, failing('200'))).toEqual(changes.slice(1));
  });

  test('in a shuffled batch everything at or behind the checkpoint by number, wherever it stands', () => {
    const shuffled = ['11', '9', '12', '8', '10'].map(kinesis);
    expect(recordsToRetry(shuffled, failing('10'))).toEqual(['11', '12', '10'].map(kinesis));
  });
});

describe('deliverBatch', () => {
  /** Answers with the responses one after the other; an Error is thrown. Notes what it was given. */
  const scripted = (...responses: unknown[]): { handler: StreamHandler; given: unknown[][] } => {
    const given: unknown[][] = [];
    return {
      given,
      handler: ({ Records }) => {
        given.push([...Records]);
        const response = responses[given.length - 1];
        return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
      },
    };
  };

  test('rewinds to the checkpoint until nothing is reported', async () => {
    const { handler, given } = scripted(failing('10'), failing('12', '11'), undefined);
    const delivery = await deliverBatch(batch, handler);
    expect(given).toEqual([batch, batch.slice(2), batch.slice(3)]);
    expect(delivery).toEqual({ invocations: 3, undelivered: [], errors: [] });
  });

  test('a handler that throws gets the whole of what it was given again', async () => {
    const error = new Error('out of memory');
    const { handler, given } = scripted(failing('10'), error, null);
    const delivery = await deliverBatch(batch, handler);
    expect(given).toEqual([batch, batch.slice(2), batch.slice(2)]);
    expect(delivery).toEqual({ invocations: 3, undelivered: [], errors: [error] });
  });

  test('a synchronous throw is a failed invocation, too', async () => {
    const delivery = await deliverBatch(batch, () => { throw new Error('no'); }, { maximumRetryAttempts: 1 });
    expect(delivery).toMatchObject({ invocations: 2, undelivered: batch });
  });

  test('attempts are bounded; what is left is undelivered', async () => {
    const { handler, given } = scripted(...Array<unknown>(20).fill(failing('11')));
    const delivery = await deliverBatch(batch, handler, { maximumRetryAttempts: 3 });
    expect(given).toEqual([batch, ...Array<unknown>(4).fill(batch.slice(3))]);
    expect(delivery).toMatchObject({ invocations: 5, undelivered: batch.slice(3) });
  });

  test('an empty batch is not delivered: Lambda never invokes a function without records', async () => {
    const { handler, given } = scripted();
    expect(await deliverBatch([], handler)).toEqual({ invocations: 0, undelivered: [], errors: [] });
    expect(given).toEqual([]);
  });

  test('whatever fails for a while: every record is handled in the end, and what precedes a checkpoint is not repeated', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 }),
      async (failures) => {
        const left = [...failures];
        const handled = new Map<string, number>();
        const records = failures.map((_, at) => kinesis(String(at + 5)));
        const delivery = await deliverBatch(records, ({ Records }) => {
          const failed = (Records as typeof records).map(({ kinesis: { sequenceNumber } }) => sequenceNumber).filter((id) => {
            const at = Number(id) - 5;
            if ((left[at] ?? 0) > 0) { left[at]! -= 1; return true; }
            handled.set(id, (handled.get(id) ?? 0) + 1);
            return false;
          });
          return failing(...failed);
        });
        expect(delivery.undelivered).toEqual([]);
        expect(handled.size).toBe(failures.length);
        const firstFailing = failures.findIndex((times) => times > 0);
        for (let at = 0; at < firstFailing; at += 1) expect(handled.get(String(at + 5))).toBe(1);
      },
    ));
  });

  test('with bisect only the bad records are undelivered', async () => {
    const given: unknown[][] = [];
    const delivery = await deliverBatch(batch, ({ Records }) => {
      given.push([...Records]);
      if (Records.includes(batch[1])) throw new Error('poison');
    }, { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 });
    expect(delivery.undelivered).toEqual([batch[1]]);
    expect(given).toEqual([batch, batch.slice(0, 3), batch.slice(0, 2), [batch[0]], [batch[1]], [batch[1]], [batch[2]], batch.slice(3)]);
    expect(delivery.errors).toHaveLength(5);
  });
});
