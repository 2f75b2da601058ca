import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { createLockClient } from '../../../../src/locks';
import { memoryEngine } from '../../../../src/replay/engines/memory';
import { LABELS, labelsOf } from '../../../support/locks/golden/labels';
import { traceOf, traces } from '../../../support/locks/golden/traces';

test('every recorded label is checked somewhere', () => {
  expect(Object.keys(LABELS).sort()).toEqual(Object.keys(traces).sort());
  expect(Object.keys(LABELS)).toHaveLength(80);
});

test.each(labelsOf('schema'))('%s: the table that the real client makes is one for ours', async (label) => {
  const engine = memoryEngine();
  const input = traceOf(label)[0]?.req as unknown as CreateTableCommandInput;
  await engine.client.send(new CreateTableCommand(input) as never);
  const range = label.endsWith('range');
  const locks = createLockClient({ client: engine.client, tableName: input.TableName as string, ...(range ? { sortKeyName: 'rangeKey' } : {}) });
  expect(await locks.tableExists()).toBe(true);
  const lock = await locks.acquire('a', range ? { sortKey: 'b' } : {});
  const [row] = await engine.scan(input.TableName as string);
  expect(row).toMatchObject({ key: { S: 'a' }, leaseDuration: { S: '20000' }, ownerName: { S: locks.ownerName }, recordVersionNumber: { S: expect.any(String) }, ...(range ? { rangeKey: { S: 'b' } } : {}) });
  await lock.release();
  await locks.close();
});
