import { defined } from '../defined';
import { awsEngine } from '../replay/engines/aws';
import { embeddedEngine } from '../replay/engines/embedded';
import { endpointEngine } from '../replay/engines/endpoint';
import type { Engine } from '../replay/engines/engine';
import { localEngine } from '../replay/engines/local';
import { memoryEngine } from '../replay/engines/memory';
import { createProgress } from '../replay/progress';
import { renderReport } from '../replay/render-report';
import { replay } from '../replay/replay';
import { reportOf } from '../replay/report';
import { diffTables, renderDiff } from '../replay/table/diff';
import { checkTableFolder, readTableFile, writeTableFile } from '../replay/table/file';
import { parseReplayArgs, type ReplayArgs } from './args';
import { EXIT, type ExitCode, type Io } from './io';
import { loadRules } from './rules-module';

/** `oplock replay`: everything that is wrong with what was given is thrown; the rest is in the exit code. */
export const replayCommand = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const args = parseReplayArgs(argv);
  const { rules, source, table } = await loadRules(args.rules, io.importModule);
  const expected = args.expect === undefined ? undefined : await readTableFile(args.expect);
  if (args.dump !== undefined) await checkTableFolder(args.dump);
  const progress = createProgress(io.stderr, 'replay');
  const engine = await startEngine(args.engine);
  try {
    const result = await replay({
      fixtures: args.fixtures, rules, source, table, engine,
      shuffle: args.shuffle, duplicate: args.duplicate, seed: args.seed, split: args.split, crash: args.crash,
      onProgress: progress.update,
      ...defined({ tableName: args.table, batchSize: args.batchSize, concurrency: args.concurrency, strategy: args.strategy, now: args.now }),
    }).finally(progress.end);
    if (args.dump !== undefined) await writeTableFile(args.dump, result.rows);
    const diff = expected && diffTables(result.rows, expected, table);
    const report = reportOf(result);
    if (args.json) io.stdout(`${JSON.stringify(report)}\n`);
    else io.stdout(`${renderReport(report)}\n${diff ? `\n${renderDiff(diff)}\n` : ''}`);
    if (args.json && diff?.equal === false) io.stderr.write(`${renderDiff(diff)}\n`);
    return diff?.equal === false || report.undelivered > 0 ? EXIT.mismatch : EXIT.right;
  } finally {
    await engine.stop();
  }
};

const startEngine = async (engine: ReplayArgs['engine']): Promise<Engine> => {
  if (typeof engine === 'object') return endpointEngine(engine.endpoint);
  if (engine === 'local') return localEngine();
  if (engine === 'memory') return memoryEngine();
  return engine === 'aws' ? awsEngine() : embeddedEngine();
};
