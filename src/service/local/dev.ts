import { parseArgs } from 'node:util';
import { LOCAL_KEYS } from './lock-keys';
import { startLocalService } from './local-service';
import { createOutcomeCounter } from './outcomes';
import { asProgram, numberOf } from './program';
import { readServerless } from './read-serverless';

/** Where the bundles are; scripts/service/run.mjs makes them. */
export interface Paths {
  readonly serverless: string;
  readonly root: string;
  readonly runner: string;
}

const HELP = `npm run dev -- [options]

The whole service of serverless.yml on this machine: HTTP API, DynamoDB, Kinesis, and the event source mappings with the
settings of the deployed ones. Everything is in memory. DynamoDB Local, which has the streams, needs Java 17.

  --port <n>             of the HTTP API, default 3000
  --dynamodb-port <n>    default: a free one
  --kinesis-port <n>     default: a free one
  --duplicate <share>    deliver this share of the batches twice, 0 to 1, default 0
  --verbose              show the functions' logs, metrics among them
  --help
`;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Runs until Ctrl-C, then 0. Exit code 2: not done, because an option is wrong or a port is taken. */
export const main = asProgram(async (args: readonly string[], { serverless, root, runner }: Paths): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string', default: '3000' }, 'dynamodb-port': { type: 'string' }, 'kinesis-port': { type: 'string' },
      duplicate: { type: 'string', default: '0' }, verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(HELP);
    return 0;
  }
  const outcomes = createOutcomeCounter();
  const show = (from: string, line: string): void => {
    if (outcomes.take(from, line) && !values.verbose) say(`${from.padEnd(9)}${summary(outcomes.counts[from])}`);
    else say(`${from.padEnd(9)}${line}`);
  };
  const service = await startLocalService({
    ports: {
      http: portOf('port', values.port),
      ...(values['dynamodb-port'] !== undefined && { dynamodb: portOf('dynamodb-port', values['dynamodb-port']) }),
      ...(values['kinesis-port'] !== undefined && { kinesis: portOf('kinesis-port', values['kinesis-port']) }),
    },
    duplicate: numberOf('duplicate', values.duplicate, { min: 0, max: 1, whole: false, what: 'the share' }),
    definition: readServerless(serverless),
    root,
    runner,
    log: show,
  });

  say(`HTTP API   ${service.url}
DynamoDB   ${service.endpoints.dynamodb}  (${service.engine === 'local' ? 'DynamoDB Local' : 'dynalite'}; tables ${Object.values(service.tables).join(', ')})
Kinesis    ${service.endpoints.kinesis}
`);
  if (service.engine === 'embedded') {
    say('NOTE: Java was not found, so DynamoDB Local was not started. The embedded engine has no streams: the HTTP API works, but no\nchange reaches the trigger, and the view of the box office stays empty. Install Java 17 to see all of it.\n');
  }
  say(`Try:
  curl -i -X PUT ${service.url}/seats/opera.A1 -H 'content-type: application/json' -H 'if-none-match: *' -d '{"price":4000}'
  curl -i ${service.url}/seats/opera.A1
  curl -i -X POST ${service.url}/seats/opera.A1/hold -H 'content-type: application/json' -d '{"customer":"ada"}'
  curl ${service.url}/shows/opera/seats
  curl -i -X PUT ${service.url}/locks/nightly-report -H 'authorization: Bearer ${LOCAL_KEYS.user}' -H "idempotency-key: $(uuidgen)" -H 'content-type: application/json' -d '{"ttlMs":60000}'

The locks are shown at ${service.url}/ with the key ${LOCAL_KEYS.user}, or ${LOCAL_KEYS.admin} to break them.

Ctrl-C stops everything.
`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  say('\nStopping …');
  await service.stop();
  return 0;
});

const summary = (counts: Readonly<Record<string, number>> = {}): string =>
  `so far: ${Object.entries(counts).map(([kind, count]) => `${kind} ${count}`).join(', ')}`;

const portOf = (option: string, text: string): number => numberOf(option, text, { min: 0, max: 65_535, what: 'a port (0: any free one)' });
