import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mortalHandler } from '../../../../src/replay/troubles/mortal-handler';
import { ProcessDied, type TroublePlan } from '../../../../src/replay/troubles/trouble';
import { createWorld } from '../../../../src/replay/troubles/troubled-client';

const put = (pk: string) => new PutCommand({ TableName: 't', Item: { pk } });
const tick = () => new Promise((resolve) => setImmediate(resolve));

/** A function that writes all its records, so many at once, in a world with this plan. */
const play = (plan: TroublePlan, atOnce = 1) => {
  const taken: string[] = [];
  const heard: string[] = [];
  const real = {
    send: async ({ input }: { input: { Item: { pk: string } } }) => {
      await tick(); // so that several can be under way
      taken.push(input.Item.pk);
      if (input.Item.pk === 'refused') throw new Error('refused');
    },
  } as unknown as DynamoDBDocumentClient;
  const world = createWorld(real, plan);
  let processes = 0;
  const handler = mortalHandler(world, ({ client }) => {
    processes += 1;
    return async ({ Records }) => {
      const rest = [...Records as string[]];
      const worker = async (): Promise<void> => {
        for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
          await client.send(put(next)).then(() => heard.push(next), (error: Error) => heard.push(`${next}: ${error.message}`));
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      return 'done';
    };
  });
  return { taken, heard, world, handler, processes: () => processes };
};

const Records = ['a', 'b', 'c', 'd'];
const at = (kind: 'crash-before' | 'crash-after' | 'response-lost', request: number): TroublePlan => ({ troubleOf: (_, ofAll) => (ofAll === request ? kind : undefined) });

test('without trouble it is the handler', async () => {
  const { handler, taken, heard, world, processes } = play({ troubleOf: () => undefined });
  expect(await handler({ Records })).toBe('done');
  expect([taken, heard, world.deaths, world.lostResponses, processes()]).toEqual([Records, Records, 0, 0, 1]);
});

test.each([['crash-before', ['a'], 0], ['crash-after', ['a', 'b'], 1]] as const)('%s at the second request: nothing after it is sent, and the next process does it all', async (kind, taken, lost) => {
  const run = play(at(kind, 1));
  await expect(run.handler({ Records })).rejects.toBeInstanceOf(ProcessDied);
  await tick();
  expect([run.taken, run.heard, run.world.lostResponses]).toEqual([taken, ['a'], lost]);
  expect(await run.handler({ Records })).toBe('done');
  expect([run.heard, run.world.deaths, run.processes()]).toEqual([['a', ...Records], 1, 2]);
  expect(run.world.happened).toEqual([{ kind, invocation: 0, request: 1 }]);
});

test('what was under way when the process died is carried out before the death is known, and not heard of', async () => {
  const run = play(at('crash-before', 3), 4);
  await expect(run.handler({ Records })).rejects.toBeInstanceOf(ProcessDied);
  expect([run.taken, run.heard, run.world.lostResponses]).toEqual([['a', 'b', 'c'], [], 3]);
  await tick();
  expect(run.heard).toEqual([]);
});

test('a lost response is an error of the request, and no death; so is a refusal', async () => {
  const run = play(at('response-lost', 1));
  expect(await run.handler({ Records: ['a', 'b', 'refused'] })).toBe('done');
  expect(run.heard).toEqual(['a', 'b: TimeoutError', 'refused: refused']);
  expect([run.taken, run.world.deaths, run.world.lostResponses]).toEqual([['a', 'b', 'refused'], 0, 1]);
});

test('a process may die when all is written and nobody has heard of it', async () => {
  let first = true;
  const run = play({ troubleOf: () => undefined, diesUnanswered: () => [first, (first = false)][0] as boolean });
  await expect(run.handler({ Records })).rejects.toBeInstanceOf(ProcessDied);
  expect([run.taken, run.world.deaths]).toEqual([Records, 1]);
  expect(await run.handler({ Records })).toBe('done');
});
