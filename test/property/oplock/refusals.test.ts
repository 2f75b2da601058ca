import fc from 'fast-check';
import type { Item } from '../../../src/oplock/condition/evaluate';
import { timestampCondition } from '../../../src/oplock/timestamp-condition';
import { updateExpression } from '../../../src/oplock/update-expression';
import { verdictOfRequest } from '../../../src/oplock/verdict';
import type { OplockOptions } from '../../../src/oplock/write';
import { rendered, verdictOf } from '../../support/plans';
import { byAge, deliveriesWith, KEY, planOf, type Fact } from './facts';
import { send } from './model';

const deliveries = deliveriesWith(['', 'a', 'b', '\uffff', '😀']);

describe.each<[string, OplockOptions]>([['timestamp and event id', {}], ['sequence and event id', { by: 'sequence' }]])('by %s', (_, options) => {
  test('every refusal is explained: the very event, a newer one, or a newer delete', () => {
    fc.assert(fc.property(deliveries, ({ delivered }) => {
      let item: Item | undefined;
      let stored: Fact | undefined;
      for (const fact of delivered) {
        const write = planOf(fact, options);
        const answer = send(rendered(write), item);
        expect(answer.applied).toBe(stored === undefined || byAge(options)(stored, fact) < 0);
        if (answer.applied) {
          stored = fact;
          item = answer.item;
          continue;
        }
        const behind = options.by === 'sequence' ? {} : { behindMs: (stored?.timestamp ?? 0) - fact.timestamp };
        const expected = stored?.id === fact.id ? { kind: 'duplicate' } : { kind: stored?.state === 'deleted' ? 'tombstoned' : 'stale', ...behind };
        expect(verdictOf(write, item)).toEqual(expected);
      }
    }), { numRuns: 500 });
  });
});

test('raw requests of one helper set: the newest time wins, the first of equal times stays, verdicts say so', () => {
  const raw = (fact: Fact) => ({
    TableName: 't', Key: KEY,
    ...updateExpression({ id: fact.id, ...(fact.state === 'deleted' ? { deleted: true } : { name: fact.state[0]?.[1] ?? null, deleted: null }), timestamp: fact.timestamp }),
    ...timestampCondition(),
  });
  fc.assert(fc.property(deliveries, ({ list, delivered }) => {
    let item: Item | undefined;
    let stored: Fact | undefined;
    for (const fact of delivered) {
      if (fact.state !== 'deleted' && fact.state[0]?.[1] instanceof Set) continue; // a Set is added to what is there, not assigned
      const request = raw(fact);
      const answer = send({ command: 'update', input: request }, item);
      if (answer.applied) {
        stored = fact;
        item = answer.item;
        continue;
      }
      const behindMs = (stored?.timestamp ?? 0) - fact.timestamp;
      const expected = stored?.id === fact.id ? { kind: 'duplicate' } : { kind: behindMs > 0 && stored?.state === 'deleted' ? 'tombstoned' : 'stale', behindMs };
      expect(verdictOfRequest(request, item)).toEqual(expected);
    }
    const times = list.filter((fact) => fact.state === 'deleted' || !(fact.state[0]?.[1] instanceof Set)).map((fact) => fact.timestamp);
    expect(item?.['timestamp']).toBe(times.length > 0 ? Math.max(...times) : undefined);
  }), { numRuns: 500 });
});
