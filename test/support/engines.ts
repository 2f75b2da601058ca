import { randomUUID } from 'node:crypto';
import { embeddedEngine } from '../../src/replay/engines/embedded';
import { endpointEngine } from '../../src/replay/engines/endpoint';
import type { Engine } from '../../src/replay/engines/engine';
import { memoryEngine } from '../../src/replay/engines/memory';
import { awaitPort } from '../../src/replay/engines/local-process';

/** A table name that no other test uses. */
export const tableName = (prefix = 'test'): string => `${prefix}-${randomUUID()}`;

/** Makes a table (default: `pk` and `sk`, strings) and gives its name. */
export const freshTable = async (
  engine: Engine,
  key: { partitionKey?: string | { name: string; type: 'S' | 'N' | 'B' }; sortKey?: string | { name: string; type: 'S' | 'N' | 'B' } | null } = {},
): Promise<string> => {
  const name = tableName();
  await engine.createTable({ name, partitionKey: key.partitionKey ?? 'pk', sortKey: key.sortKey === undefined ? 'sk' : key.sortKey });
  return name;
};

/** For the tests of a file: an in-memory engine, and a table for each of them, with the key `pk`. Its name is there inside hooks and tests only. */
export const memoryTable = (): { readonly engine: Engine; readonly name: string } => {
  const engine = memoryEngine();
  let name: string | undefined;
  beforeEach(async () => { name = await freshTable(engine, { sortKey: null }); });
  afterEach(() => name && engine.dropTable(name));
  afterAll(() => engine.stop());
  return {
    engine,
    get name() {
      if (name === undefined) throw new Error('The table is there inside hooks and tests only.');
      return name;
    },
  };
};

/** Tests of one engine; `engine()` is only available inside hooks and tests. */
type EngineTests = (engine: () => Engine) => void;

const withEngine = (name: string, start: () => Promise<Engine>, tests: EngineTests): void => {
  describe(name, () => {
    let engine: Engine | undefined;
    beforeAll(async () => { engine = await start(); }, 60_000);
    afterAll(() => engine?.stop());
    tests(() => {
      if (!engine) throw new Error('The engine is there inside hooks and tests only.');
      return engine;
    });
  });
};

/** `describe` with a dynalite of its own. */
export const describeEmbedded = (name: string, tests: EngineTests): void => withEngine(`${name} [dynalite]`, embeddedEngine, tests);

/** `describe` with an in-memory engine of its own. */
export const describeMemory = (name: string, tests: EngineTests): void => withEngine(`${name} [memory]`, () => Promise.resolve(memoryEngine()), tests);

/**
 * `describe` on DynamoDB Local. Without Java the tests are reported as skipped, with the reason in their name;
 * with OPLOCK_REQUIRE_JAVA=1 they fail instead.
 */
export const describeLocal = (name: string, tests: EngineTests): void => {
  const endpoint = process.env['OPLOCK_LOCAL_ENDPOINT'];
  if (endpoint) {
    withEngine(`${name} [DynamoDB Local]`, async () => {
      if (!await awaitPort(Number(new URL(endpoint).port), 30_000)) throw new Error(`Nothing listens at ${endpoint}: DynamoDB Local did not start.`);
      return endpointEngine(endpoint);
    }, tests);
    return;
  }
  const reason = process.env['OPLOCK_LOCAL_ABSENT'] ?? 'it was not started';
  if (process.env['OPLOCK_REQUIRE_JAVA'] === '1') {
    describe(`${name} [DynamoDB Local]`, () => {
      test('needs Java', () => { throw new Error(`DynamoDB Local is required here: ${reason}`); });
    });
    return;
  }
  describe.skip(`${name} [DynamoDB Local: SKIPPED, ${reason}]`, () => tests(() => { throw new Error(reason); }));
};

/** The same tests on dynalite and on DynamoDB Local. */
export const describeEngines = (name: string, tests: EngineTests): void => {
  describeEmbedded(name, tests);
  describeLocal(name, tests);
};
