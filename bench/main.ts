// `npm run bench`: runs the rows, prints each as soon as it is done.
import { parseBenchArgs, type BenchArgs } from './lib/args';
import { formatResult } from './lib/format';
import { createProgress } from './lib/progress';
import type { Result, Skipped } from './lib/result';
import { save } from './lib/save';
import { ROWS } from './rows/rows';

const ids = ROWS.map(({ id }) => id);

const run = async ({ only, rounds, json, profile }: BenchArgs): Promise<readonly (Result | Skipped)[]> => {
  const results: (Result | Skipped)[] = [];
  const progress = createProgress(process.stderr);
  for (const row of ROWS.filter(({ id }) => only.length === 0 || only.includes(id))) {
    const result = await row.run({ rounds, progress, ...(profile !== undefined && { profile }) }).finally(progress.end);
    results.push(result);
    if (!json) console.log(`${formatResult(result)}\n`);
  }
  return results;
};

const read = (): BenchArgs | undefined => {
  try {
    return parseBenchArgs(process.argv.slice(2), ids);
  } catch (error) {
    console.error(`${(error as Error).message}\nnpm run bench -- --help says more.`);
    process.exitCode = 2;
    return undefined;
  }
};

const args = read();
if (args) {
  const results = await run(args);
  if (args.json) console.log(JSON.stringify(results, null, 2));
  if (args.save) save(results, args.rounds, ids);
}
