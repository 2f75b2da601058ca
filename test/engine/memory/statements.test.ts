import { BatchExecuteStatementCommand, ExecuteStatementCommand, PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import type { Engine } from '../../../src/replay/engines/engine';
import { memoryEngine } from '../../../src/replay/engines/memory';
import { describeLocal, freshTable } from '../../support/engines';
import { settled, tableOf, type Answer } from './ask';

interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
  readonly returnOld: boolean;
}

const KEYS = ['k1', 'k2', 'k3', 'k4'];

const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  n: fc.integer({ min: -3, max: 3 }), t: fc.constantFrom('', 'x', 'é😀'), l: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }), m: fc.record({ x: fc.integer({ min: 0, max: 2 }) }),
  s: fc.uniqueArray(fc.constantFrom('x', 'y'), { minLength: 1 }).map((members) => new Set(members)), 'odd "name"': fc.constantFrom<unknown>(null, true, 1n), o: fc.integer({ min: 0, max: 5 }),
};
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A part of a statement with the parameters that it takes. */
type Part = readonly [string, ...unknown[]];
const valueOf = (name: string): fc.Arbitrary<unknown> => fc.oneof({ weight: 12, arbitrary: VALUES[name] ?? fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom<unknown>(1, 'x', new Set(['z'])) });
const assignment: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(VALUES)).chain((name) => valueOf(name).map((value): Part => [`${quoted(name)}=?`, value])) },
  valueOf('n').map((value): Part => ['"n"="n"+?', value]), valueOf('n').map((value): Part => ['"o"="n" - ?', value]), valueOf('l').map((value): Part => ['"l"=list_append("l",?)', value]),
  valueOf('s').map((value): Part => ['"s"=set_add("s",?)', value]), valueOf('s').map((value): Part => ['"s"=set_delete("s",?)', value]), valueOf('n').map((value): Part => ['"m"."x"=?', value]), valueOf('n').map((value): Part => ['"l"[1]=?', value]),
  fc.constantFrom<Part>(['"t"="n"'], ['"pk"=?', 'x'], ['"z"=\'it\'\'s\''], ['"z"=1.5'], ['"n"'], ['']),
);
const condition: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: valueOf('o').map((value): Part => [' AND ("o" IS MISSING OR "o" < ?)', value]) }, { weight: 2, arbitrary: fc.constant<Part>(['']) },
  fc.tuple(fc.constantFrom('<', '<=', '>', '>=', '=', '<>'), valueOf('o')).map(([operator, value]): Part => [` AND "o" ${operator} ?`, value]),
  fc.constantFrom<Part>([' AND NOT ("n" = ? AND "o" = ?)', 1, 2], [' AND "n" IS NOT MISSING'], [' AND "n" BETWEEN ? AND ?', 0, 2], [' AND "t" IN [?,?]', 'x', ''], [' AND begins_with("t",?)', 'x'], [' AND contains("s",?)', 'x'], [' AND size("l") > ?', 0], [' AND'], [' OR "n" = ?', 1], [' AND "n" = ?']),
);

const update: fc.Arbitrary<Statement> = fc.tuple(
  fc.array(assignment, { minLength: 1, maxLength: 2 }), fc.option(fc.constantFrom('n', 't', 'l[0]', 's'), { nil: undefined, freq: 2 }), condition, fc.constantFrom(...KEYS),
  fc.oneof({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(' RETURNING ALL OLD *', ' RETURNING ALL NEW *') }), fc.boolean(),
).map(([sets, remove, [where, ...more], key, returning, returnOld]) => ({
  text: `UPDATE "@" ${sets.map(([text]) => `SET ${text}`).join(' ')}${remove === undefined ? '' : ` REMOVE ${remove.replace(/^\w/, (name) => quoted(name))}`} WHERE "pk"=? AND "sk"=?${where}${returning}`,
  parameters: [...sets.flatMap(([, ...values]) => values), key, 1, ...more], returnOld,
}));
const insert: fc.Arbitrary<Statement> = fc.tuple(fc.constantFrom(...KEYS), fc.uniqueArray(fc.constantFrom(...Object.keys(VALUES)).chain((name) => valueOf(name).map((value) => [name, value] as const)), { selector: ([name]) => name, maxLength: 3 }))
  .map(([key, members]) => ({ text: `INSERT INTO "@" VALUE {'pk': ?, 'sk': ?${members.map(([name]) => `, '${name}': ?`).join('')}}`, parameters: [key, 1, ...members.map(([, value]) => value)], returnOld: false }));

const keyOf = ({ parameters }: Statement): string => JSON.stringify(parameters.find((one) => KEYS.includes(one as string)));

describeLocal('PartiQL in the in-memory engine does what DynamoDB Local does', (local) => {
  let memory: Engine;
  let table: string;
  let serial = 0;
  const codes = new Map<string, number>();

  beforeAll(async () => {
    memory = memoryEngine();
    table = await freshTable(local(), { sortKey: { name: 'sk', type: 'N' } });
    await memory.createTable({ name: table, partitionKey: 'pk', sortKey: { name: 'sk', type: 'N' } });
  });

  const inputOf = ({ text, parameters, returnOld }: Statement, prefix: string) => ({
    Statement: text.replace('"@"', `"${table}"`), Parameters: parameters.map((one) => (KEYS.includes(one as string) ? `${prefix}${String(one)}` : one)), ...(returnOld && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const }),
  });
  const batch = (client: DynamoDBDocumentClient, statements: readonly Statement[], prefix: string): Promise<Answer> => settled(async () => {
    const { Responses = [] } = await client.send(new BatchExecuteStatementCommand({ Statements: statements.map((one) => inputOf(one, prefix)) }));
    return Responses.map(({ Error: error, Item }) => ({ code: error?.Code, old: error?.Item, Item }));
  });
  const single = (client: DynamoDBDocumentClient, statement: Statement, prefix: string): Promise<Answer> =>
    settled(async () => ({ Items: (await client.send(new ExecuteStatementCommand(inputOf(statement, prefix)))).Items }));

  test('updates and inserts, alone and in batches', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.uniqueArray(fc.oneof(update, update, insert), { minLength: 1, maxLength: 4, selector: keyOf }), { minLength: 6, maxLength: 6 }), async (batches) => {
      const prefix = `${serial += 1}-`;
      for (const { client } of [memory, local()]) await client.send(new PutCommand({ TableName: table, Item: { pk: `${prefix}k1`, sk: 1, n: 1, t: 'x', l: [1], m: { x: 1 }, s: new Set(['x']) } }));
      for (const statements of batches) {
        const [first] = statements;
        const [ours, theirs] = await Promise.all([memory, local()].map(({ client }) => (statements.length === 1 && first ? single(client, first, prefix) : batch(client, statements, prefix))));
        for (const code of JSON.stringify(theirs).match(/"code":"\w+"|"error":"\w+"|Exception"/g) ?? ['done']) codes.set(code, (codes.get(code) ?? 0) + 1);
        // The service has `Exception` in the name.
        const expected = theirs?.error === 'DuplicateItem' ? { error: 'DuplicateItemException' } : theirs;
        expect({ statements, answer: ours }).toEqual({ statements, answer: expected });
      }
      const keys = KEYS.map((pk) => ({ pk: prefix + pk, sk: 1 }));
      expect(await tableOf(memory, table, keys)).toEqual(await tableOf(local(), table, keys));
    }), { numRuns: Number(process.env['OPLOCK_MEMORY_RUNS'] ?? 60) });
    for (const code of ['done', '"code":"ConditionalCheckFailed"', '"code":"DuplicateItem"', '"code":"ValidationError"']) expect([...codes.keys()]).toContain(code);
  }, 120_000);
});
