import type { LockRequest, Row } from '../../../../src/locks/table/request';
import { javaAcquire, javaDelete, javaHeartbeat, javaKeep, readJava, type JavaLock } from '../../../support/locks/java-model';
import { conditionOf } from '../../../support/locks/condition';
import { purposeOf, rowsFor } from '../../../support/locks/golden/compare';
import { effects, plainRequest, plainRow, traceOf, traces, type Exchange, type PlainRequest } from '../../../support/locks/golden/traces';

const plain = (request: LockRequest): PlainRequest => ({ op: { put: 'PutItem', update: 'UpdateItem', delete: 'DeleteItem' }[request.op], ...request.input } as PlainRequest);

/** What the model would have sent, knowing what the recorded request says and which row was read last. */
const modelled = (recorded: PlainRequest, read: Row | undefined): PlainRequest => {
  const { sets } = effects(recorded);
  const key = recorded.Key ?? Object.fromEntries(Object.entries(recorded.Item ?? {}).filter(([name]) => name === 'key' || name === 'rangeKey'));
  const schema = { partitionKeyName: 'key', sortKeyName: 'rangeKey' in key ? 'rangeKey' : undefined };
  const values = recorded.ExpressionAttributeValues ?? {};
  const lock: JavaLock = { schema, key, ownerName: (values[':on'] ?? sets.ownerName) as string };
  const rvn = values[':rvn'] as string;
  const data = sets.data as Uint8Array | undefined;
  switch (purposeOf(recorded)) {
    case 'delete': return plain(javaDelete(lock, rvn));
    case 'keep': return plain(javaKeep(lock, rvn, data));
    case 'heartbeat': return plain(javaHeartbeat(lock, rvn, {
      next: sets.recordVersionNumber as string, leaseMs: Number(sets.leaseDuration), data: recorded.UpdateExpression?.includes('REMOVE') ? null : data,
    }));
    case 'acquire': {
      const { ownerName: _o, recordVersionNumber, leaseDuration, data: _d, key: _k, rangeKey: _r, ...additional } = sets;
      return plain(javaAcquire({
        ...lock, rvn: recordVersionNumber as string, leaseMs: Number(leaseDuration), data, additional,
        updateExisting: recorded.op === 'UpdateItem', consistent: rvn !== undefined,
      }, read && readJava(schema, read)));
    }
  }
};

test('the model of the Java client sends what the real one has sent', () => {
  let writes = 0;
  const conditions = new Set<string>();
  for (const trace of Object.values(traces)) {
    let read: Row | undefined;
    for (const exchange of trace) {
      if (exchange.op === 'GetItem') read = plainRow(exchange.res.Item);
      if (!['PutItem', 'UpdateItem', 'DeleteItem'].includes(exchange.op) || exchange.fault !== undefined) continue;
      writes += 1;
      const recorded = plainRequest(exchange);
      const { TableName: _, ...given } = recorded;
      // The real client's placeholders are numbered in the order of a hash map.
      const model = modelled(recorded, read);
      expect([model.op, model.Key, effects(model)]).toEqual([given.op, given.Key, effects(recorded)]);
      const alike = JSON.stringify([exchange.op, recorded.ConditionExpression, recorded.Key ?? recorded.Item]).replaceAll(/<rvn\d+>/g, '');
      if (conditions.has(alike)) continue;
      conditions.add(alike);
      const [ours, theirs] = [conditionOf(model), conditionOf(recorded)];
      const rows = rowsFor({ recorded, before: read } as never, recorded.Key ?? { key: recorded.Item?.key, ...(recorded.Item?.rangeKey === undefined ? {} : { rangeKey: recorded.Item.rangeKey }) });
      expect(rows.filter((row) => ours(row) !== theirs(row))).toEqual([]);
    }
  }
  expect(writes).toBeGreaterThan(80);
  expect(conditions.size).toBeGreaterThan(20);
});

test('the model of the Java reader fails where the real one failed', () => {
  const read = (label: string) => () => {
    const { res } = traceOf(label)[0] as Exchange;
    return readJava({ partitionKeyName: 'key' }, plainRow(res.Item) as Row);
  };
  for (const label of ['foreign.lease.N', 'foreign.lease.go', 'foreign.lease.decimal']) expect(read(label)).toThrow(expect.objectContaining({ name: 'NumberFormatException' }) as Error);
  for (const label of ['foreign.lease.missing', 'foreign.data.S', 'foreign.owner.missing', 'foreign.rvn.missing', 'foreign.rvn.N']) {
    expect(read(label)).toThrow(expect.objectContaining({ name: 'NullPointerException' }) as Error);
  }
  for (const label of ['foreign.isReleased.S1', 'foreign.isReleased.S0', 'foreign.isReleased.BOOLtrue', 'foreign.isReleased.BOOLfalse']) expect(read(label)().isReleased).toBe(true);
});
