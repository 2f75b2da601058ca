import { parseArgs } from 'node:util';
import { seededRandom } from 'oplock-stream/replay';
import type { Paths } from '../dev';
import { asProgram, numberOf } from '../program';
import { readServerless } from '../read-serverless';
import { runE2e, type E2eReport } from './e2e';

const HELP = `npm run e2e -- [options]

Starts the whole service, lets many clients edit few seats over HTTP with ETags while responses get lost, functions are
killed in the middle and batches are delivered twice, and checks that nothing was lost, doubled, or wrong in the view.

  --clients <n>   default 20
  --seats <n>     default 10
  --edits <n>     accepted edits of each client, default 10
  --seed <n>      of the injected troubles, default: a new one each time (they also depend on timing)
  --json          the report as one line of JSON
  --verbose       show the functions' logs
  --help

Exit code 0: everything is as it must be; 1: it is not; 2: not done.
`;

const write = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Exit code 0: everything is as it must be; 1: it is not; 2: not done. */
export const main = asProgram(async (args: readonly string[], { serverless, root, runner }: Paths): Promise<number> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      clients: { type: 'string', default: '20' }, seats: { type: 'string', default: '10' }, edits: { type: 'string', default: '10' },
      seed: { type: 'string' }, json: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    write(HELP);
    return 0;
  }
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : numberOf('seed', values.seed, { min: 0, max: 2 ** 32 - 1, what: 'the seed' });
  const many = (option: 'clients' | 'seats' | 'edits'): number => numberOf(option, values[option], { min: 1, max: 10_000, what: `the number of ${option}` });
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const report = await runE2e({
    clients: many('clients'), seats: many('seats'), edits: many('edits'), random: seededRandom(seed), signal: stop.signal,
    definition: readServerless(serverless), root, runner,
    ...(!values.json && { onProgress: (stage) => write(`… ${stage}`) }),
    ...(values.verbose && { log: (from, line) => write(`${from.padEnd(9)}${line}`) }),
  }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  if (!report) {
    write('Stopped.');
    return 2;
  }
  write(values.json ? JSON.stringify({ seed, ...report }) : render(report, seed));
  return report.wrong.length === 0 ? 0 : 1;
});

const render = ({ seconds, engine, accepted, refused, repeated, injected, outcomes, view, wrong }: E2eReport, seed: number): string => `
  ${String(accepted).padStart(6)}  commands accepted, each of them once in the table
  ${String(refused).padStart(6)}  refused with 412 and the current ETag: somebody was faster
  ${String(repeated).padStart(6)}  requests sent again with the same Idempotency-Key
  ${String(view.seats).padStart(6)}  rows in the view${engine === 'local' ? ', equal to the source' : ' (not compared)'}

  injected: ${injected.lostResponses} responses lost, ${injected.serverErrors} errors, ${injected.throttled} throttled; killed in the middle: ${Object.entries(injected.killed).map(([name, count]) => `${name} ${count}`).join(', ') || 'none'}
${Object.entries(outcomes).map(([name, counts]) => `  ${name}: ${Object.entries(counts).map(([kind, count]) => `${kind} ${count}`).join(', ')}`).join('\n')}
  ${seconds.toFixed(1)} s, seed ${seed}

${wrong.length === 0 ? allIsWell(engine) : `WRONG:\n${wrong.slice(0, 20).map((one) => `  ${one}`).join('\n')}`}`;

const allIsWell = (engine: E2eReport['engine']): string => engine === 'local'
  ? 'Everything is as it must be.'
  : 'The table is as it must be. NOTE: Java was not found, so there was no stream: trigger, listener and view were not tested. Install Java 17.';
