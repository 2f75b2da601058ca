import { GetCommand, PutCommand, UpdateCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { fromAttributeMap, type AttributeMap } from '../../src/attribute-value';
import { evaluate, type Item } from '../../src/oplock/condition/evaluate';
import { parseCondition } from '../../src/oplock/condition/parse';
import { conditionText } from '../../src/oplock/condition/text';
import { pkCondition } from '../../src/oplock/pk-condition';
import { timestampCondition } from '../../src/oplock/timestamp-condition';
import { updateExpression } from '../../src/oplock/update-expression';
import { equalValues } from '../../src/oplock/value/compare';
import { verdictOfRequest } from '../../src/oplock/verdict';
import { planned, rendered, verdictOf, type SingleRequest } from '../support/plans';
import { isOplockStreamError } from '../../src/errors';
import { caseOf, DYNALITE, hostileName, hostileValue, WHOLE, type Case } from '../property/oplock/conditions';
import { byAge, deliveriesWith, planOf, type Fact } from '../property/oplock/facts';
import { send as sendToModel } from '../property/oplock/model';
import { describeEngines, freshTable } from '../support/engines';
import { NOW, T, uowOf } from '../unit/oplock/uow';

interface Refused { readonly name: string; readonly message: string; readonly Item?: AttributeMap }

/** What the engine says: taken, refused by the condition (with the old item), or not even understood. */
const ask = async (client: DynamoDBDocumentClient, command: PutCommand | UpdateCommand): Promise<{ taken: boolean; oldItem?: Item; invalid?: string }> => {
  try {
    await (command instanceof PutCommand ? client.send(command) : client.send(command));
    return { taken: true };
  } catch (error) {
    const { name, message, Item: old } = error as Refused;
    if (name === 'ConditionalCheckFailedException') return { taken: false, ...(old && { oldItem: fromAttributeMap(old) }) };
    if (name === 'ValidationException') return { taken: false, invalid: message };
    throw error;
  }
};

describeEngines('the oplock', (engine) => {
  let table: string;
  let serial = 0;
  const freshKey = () => ({ pk: `item-${(serial += 1)}`, sk: 'thing' });
  const isEmbedded = () => engine().name === 'embedded';
  const read = async (key: Record<string, unknown>): Promise<Item | undefined> => {
    const all = await engine().scan(table);
    return all.map((one) => fromAttributeMap(one as AttributeMap)).find((item) => Object.entries(key).every(([name, value]) => equalValues(item[name], value)));
  };
  const sendRendered = (request: SingleRequest) =>
    ask(engine().client, request.command === 'put' ? new PutCommand(request.input) : new UpdateCommand(request.input));

  beforeEach(async () => {
    table = await freshTable(engine());
  });

  const agreesOn = async ({ condition, values, item }: Case): Promise<'same' | 'invalid'> => {
    const key = freshKey();
    const ConditionExpression = conditionText(condition, {}).replace(/(?<![\w:])[abcd]\b/g, '#$&');
    const placeholders = new Set(ConditionExpression.match(/[#:]\w+/g));
    const used = Object.fromEntries(Object.entries(values).filter(([name]) => placeholders.has(name)));
    const names = Object.fromEntries(['a', 'b', 'c', 'd'].filter((name) => placeholders.has(`#${name}`)).map((name) => [`#${name}`, name]));
    await engine().client.send(new PutCommand({ TableName: table, Item: { ...item, ...key } }));
    const answer = await ask(engine().client, new UpdateCommand({
      TableName: table, Key: key, ConditionExpression,
      ...(Object.keys(used).length > 0 && { ExpressionAttributeValues: used }), ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    }));
    if (answer.invalid !== undefined) return 'invalid';
    const parsed = parseCondition(ConditionExpression);
    expect({ ConditionExpression, item, used, holds: parsed && evaluate(parsed, item, { names, values: used }) }).toEqual({ ConditionExpression, item, used, holds: answer.taken });
    return 'same';
  };

  test('conditions mean what the engine takes them for', async () => {
    let same = 0;
    await fc.assert(fc.asyncProperty(fc.array(caseOf(isEmbedded() ? DYNALITE : WHOLE), { minLength: 10, maxLength: 10 }), async (cases) => {
      const answers = await Promise.all(cases.map(agreesOn));
      same += answers.filter((one) => one === 'same').length;
    }), { numRuns: 40 });
    expect(same).toBeGreaterThan(80);
  }, 60_000);

  test('the engine does what the model does, and the old item gives the verdict', async () => {
    // dynalite orders ties beyond the BMP as UTF-16 does.
    const deliveries = deliveriesWith(isEmbedded() ? ['', 'a', 'b'] : ['', 'a', '\uffff', '😀']);
    await fc.assert(fc.asyncProperty(deliveries, async ({ delivered }) => {
      const key = freshKey();
      let item: Item | undefined;
      let stored: Fact | undefined;
      for (const fact of delivered) {
        const write = { ...planOf(fact, {}), key };
        const answer = await sendRendered(rendered(write, table));
        const expected = sendToModel(rendered(write, table), item);
        expect(answer).toMatchObject({ taken: expected.applied });
        item = expected.item;
        if (answer.taken) {
          stored = fact;
        } else {
          const kind = stored?.id === fact.id ? 'duplicate' : stored?.state === 'deleted' ? 'tombstoned' : 'stale';
          expect({ kind: verdictOf(write, answer.oldItem).kind, newer: stored && byAge({})(stored, fact) >= 0 }).toEqual({ kind, newer: true });
        }
      }
      const found = await engine().client.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true, ProjectionExpression: '#t, oplockTie, deleted', ExpressionAttributeNames: { '#t': 'timestamp' } }));
      expect(found.Item).toEqual(Object.fromEntries(['timestamp', 'oplockTie', 'deleted'].filter((name) => item && name in item).map((name) => [name, item?.[name]])));
    }), { numRuns: 15 });
  }, 60_000);

  test('attributes with hostile names are stored under exactly these', async () => {
    const names = ['constructor', 'toString', '#', ':v', '#o', 'a.b', 'a[0]', '"', '\'', '\\', ' ', '\n', '\u0000', '😀', 'x = :v REMOVE pk', 'é'.repeat(255), 'n'.repeat(255), 'name', 'size', 'NULL'];
    const set = Object.fromEntries(names.map((name, i) => [name, { i, constructor: { name: 'Set' }, toString: [name] }]));
    const key = freshKey();
    const write = planned({ key, set }, uowOf());
    expect(await sendRendered(rendered(write, table))).toEqual({ taken: true });
    const item = await read(key);
    expect(Object.keys(item ?? {}).sort()).toEqual([...names, 'pk', 'sk', 'timestamp', 'oplockTie'].sort());
    for (const name of names) expect(equalValues(item?.[name], set[name])).toBe(true);

    const again = await sendRendered(rendered(write, table));
    expect(again).toMatchObject({ taken: false });
    expect(verdictOf(write, again.oldItem)).toEqual({ kind: 'duplicate' });

    const undone = planned({ key, remove: names }, uowOf({ timestamp: T + 1 }));
    expect(await sendRendered(rendered(undone, table))).toEqual({ taken: true });
    expect(await read(key)).toEqual({ ...key, timestamp: T + 1, oplockTie: 'event-1' });
  });

  test('what a plan accepts is stored as it is, or refused by the engine as invalid', async () => {
    const attributes = fc.array(fc.tuple(hostileName, hostileValue), { minLength: 1, maxLength: 3 }).map((entries) => Object.fromEntries(entries) as Record<string, unknown>);
    let stored = 0;
    await fc.assert(fc.asyncProperty(attributes, fc.boolean(), async (set, tombstone) => {
      const key = freshKey();
      let write;
      try {
        write = planned({ key, set, tombstone }, uowOf());
      } catch (error) {
        expect(isOplockStreamError(error)).toBe(true);
        return;
      }
      const answer = await sendRendered(rendered(write, table));
      expect(answer).toEqual({ taken: true });
      stored += 1;
      const found = await read(key);
      for (const [name, value] of Object.entries(write.set)) expect({ name, same: equalValues(found?.[name], value) }).toEqual({ name, same: true });
    }), { numRuns: 60 });
    expect(stored).toBeGreaterThan(5);
  }, 60_000);

  test('a tombstone leaves nothing behind, blocks what is older, and gives way to what is newer', async () => {
    const key = freshKey();
    const at = (timestamp: number, request: object) => planned({ key, ...request }, uowOf({ timestamp, id: `e${timestamp}` }));
    await sendRendered(rendered(at(T, { set: { name: 'n', secret: 's' } }), table));
    await sendRendered(rendered(at(T + 2, { tombstone: true }), table));
    expect(await read(key)).toEqual({ ...key, timestamp: T + 2, oplockTie: `e${T + 2}`, deleted: true, ttl: NOW / 1000 + 400 * 86_400 });
    const late = at(T + 1, { set: { name: 'late' } });
    const refused = await sendRendered(rendered(late, table));
    expect(verdictOf(late, refused.oldItem)).toEqual({ kind: 'tombstoned', behindMs: 1 });
    await sendRendered(rendered(at(T + 3, { set: { name: 'back' } }), table));
    expect(await read(key)).toEqual({ ...key, timestamp: T + 3, oplockTie: `e${T + 3}`, name: 'back' });
  });

  test('the helpers compose: grown and shrunk sets, removals, reserved words, conditions', async () => {
    const key = freshKey();
    const request = (item: Record<string, unknown>) => ({ TableName: table, Key: key, ...updateExpression(item), ...timestampCondition(), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const });
    const send = (item: Record<string, unknown>) => ask(engine().client, new UpdateCommand(request(item)));
    const long = '-'.repeat(255);
    expect(await send({ name: 'n', status: 's', tags: new Set(['a', 'b']), soft_delete: true, [long]: 1, 'a.b': 1, a_x2eb: 2, timestamp: T })).toEqual({ taken: true });
    expect(await send({ name: undefined, status: null, tags_delete: new Set(['a']), timestamp: T + 1 })).toEqual({ taken: true });
    expect(await send({ tags: new Set(['c']), empty: new Set(), timestamp: T + 2 })).toEqual({ taken: true });
    const expected = { ...key, name: 'n', tags: new Set(['b', 'c']), soft_delete: true, [long]: 1, 'a.b': 1, a_x2eb: 2, timestamp: T + 2 };
    expect(await read(key)).toEqual(expected);

    const late = { name: 'late', timestamp: T + 1 };
    const answer = await send(late);
    expect(verdictOfRequest(request(late), answer.oldItem)).toEqual({ kind: 'stale', behindMs: 1 });

    const create = { TableName: table, Key: key, ...updateExpression({ name: 'again' }), ...pkCondition(), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
    const exists = await ask(engine().client, new UpdateCommand(create));
    expect(verdictOfRequest(create, exists.oldItem)).toEqual({ kind: 'conflict', reason: 'condition failed: attribute_not_exists(pk)' });
    expect(await read(key)).toEqual(expected);

    const nothing = { TableName: table, Key: freshKey(), ...updateExpression({ name: undefined }), ...pkCondition() };
    expect(await ask(engine().client, new UpdateCommand(nothing))).toEqual({ taken: true });
  });
});
