import { createTally } from '../../../src/replay/tally';
import type { OutcomeKind } from '../../../src/outcome';
import type { Outcome } from '../../../src/outcome';
import type { Origin } from '../../../src/uow';

const ended = (record: unknown, kind: OutcomeKind, subSequence = 0, identifier = '1') => ({
  record, origin: { subSequence, identifier } as Origin, outcome: { kind } as Outcome, parts: [],
});

test('an event counts once, by its first outcome that is not retry; what comes later is redelivered', () => {
  const [a, b, c] = [{}, {}, {}];
  const tally = createTally();
  tally.startBatch([a, b, c]);
  tally.startInvocation();
  tally.settled(ended(a, 'retry'));
  tally.settled(ended(b, 'applied'));
  tally.settled(ended(c, 'retry'));
  tally.startInvocation();
  tally.settled(ended(a, 'applied'));
  tally.settled(ended(b, 'duplicate'));
  tally.settled(ended(c, 'retry'));
  tally.endBatch();
  expect(tally.outcomes).toMatchObject({ applied: 2, retry: 1, duplicate: 0 });
  expect(tally.redelivered).toBe(1);
});

test('the sub-records of an aggregated record count each; a copy of a record counts for itself', () => {
  const record = { kinesis: { sequenceNumber: '1' } };
  const copy = { ...record };
  const tally = createTally();
  tally.startBatch([record, copy]);
  tally.startInvocation();
  for (const sub of [0, 1, 2]) {
    tally.settled(ended(record, 'applied', sub));
    tally.settled(ended(copy, 'duplicate', sub));
  }
  tally.endBatch();
  expect(tally.outcomes).toMatchObject({ applied: 3, duplicate: 3 });
});

test('a record that the source makes anew for each delivery is the same event', () => {
  const [aggregate, plain] = [{}, {}];
  const tally = createTally();
  tally.startBatch([aggregate, { ...aggregate }, plain]);
  for (const kind of ['retry', 'applied'] as const) {
    tally.startInvocation();
    // Twice two user records: the aggregate and its copy.
    for (const sub of [0, 1, 0, 1]) tally.settled(ended({ made: sub }, kind, sub, '7'));
    tally.settled(ended(plain, kind, 0, '8'));
  }
  tally.endBatch();
  expect(tally.outcomes).toMatchObject({ applied: 5, retry: 0 });
});

test('says why events were not settled, each reason once', () => {
  const [a, b, c] = [{}, {}, {}];
  const tally = createTally();
  tally.startBatch([a, b, c]);
  const parts = [{ pipeline: 'thing', outcome: { kind: 'retry', reason: 'configuration' } }] as const;
  const error = Object.assign(new Error('no such table'), { name: 'ResourceNotFoundException' });
  for (const record of [a, b]) tally.settled({ ...ended(record, 'retry'), parts, outcome: { kind: 'retry', reason: 'configuration', error } });
  tally.settled({ ...ended(c, 'retry'), outcome: { kind: 'retry', reason: 'held' } });
  tally.settled(ended(c, 'applied'));
  tally.endBatch();
  expect(tally.unsettled).toEqual(['rule "thing": configuration, no table, or no permission: ResourceNotFoundException: no such table']);
});

test('records without identity are told apart by counting', () => {
  const tally = createTally();
  tally.startBatch([null, null, 7]);
  for (const kind of ['retry', 'fault'] as const) {
    tally.startInvocation();
    for (const record of [null, null, 7]) tally.settled(ended(record, kind));
  }
  tally.endBatch();
  expect(tally.outcomes).toMatchObject({ fault: 3, retry: 0 });
});

test('records of an invocation that settled nothing stand as retry', () => {
  const [a, b] = [{}, {}];
  const tally = createTally();
  tally.startBatch([a, b, null]);
  tally.startInvocation();
  tally.settled(ended(a, 'filtered'));
  tally.endBatch();
  expect(tally.outcomes).toMatchObject({ filtered: 1, retry: 2 });
});
