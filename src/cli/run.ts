import { isOplockStreamError } from '../errors';
import { usageError } from './args';
import { explainCommand } from './explain-command';
import { HELP } from './help';
import { EXIT, type ExitCode, type Io } from './io';
import { replayCommand } from './replay-command';

/** The command: arguments in, exit code out. Never throws for what a user can set right. */
export const run = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [command, ...rest] = argv;
  if (argv.includes('--help') || argv.includes('-h') || command === 'help') {
    io.stdout(HELP);
    return EXIT.right;
  }
  if (command === '--version' || command === '-v') {
    io.stdout(`${io.version}\n`);
    return EXIT.right;
  }
  try {
    if (command === 'replay') return await replayCommand(rest, io);
    if (command === 'explain') return await explainCommand(rest, io);
    const commands = 'there are `oplock replay` and `oplock explain`.';
    throw usageError(command === undefined ? `No command is given: ${commands}` : `"${command}" is no command: ${commands}`);
  } catch (error) {
    io.stderr.write(`oplock: ${describe(error)}\n${isUsage(error) ? 'See oplock --help.\n' : ''}`);
    return EXIT.usage;
  }
};

const isUsage = (error: unknown): boolean => isOplockStreamError(error) && error.code === 'USAGE';

/** An error that DynamoDB (or an engine in its place) answered with, as the SDK throws it. */
const isServiceError = (error: unknown): error is Error => error instanceof Error && '$fault' in error;

/** Our own errors say all there is to say; of others the stack tells where to look. */
const describe = (error: unknown): string => {
  if (isOplockStreamError(error)) return error.message;
  if (isServiceError(error)) return `the table answered ${error.name}: ${error.message}`;
  return error instanceof Error ? error.stack ?? error.message : String(error);
};
