import { isOplockStreamError } from '../errors';
import { usageError } from './args';
import { explainCommand } from './explain-command';
import { HELP } from './help';
import { EXIT, type ExitCode, type Io } from './io';
import { LOCKS_HELP } from './locks/help';
import { replayCommand } from './replay-command';

/** The command: arguments in, exit code out. Never throws for what a user can set right. */
export const run = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [command, ...rest] = argv;
  if (argv.includes('--help') || argv.includes('-h') || command === 'help') {
    io.stdout(command === 'locks' || (command === 'help' && rest[0] === 'locks') ? LOCKS_HELP : HELP);
    return EXIT.right;
  }
  if (command === '--version' || command === '-v') {
    io.stdout(`${io.version}\n`);
    return EXIT.right;
  }
  try {
    if (command === 'replay') return await replayCommand(rest, io);
    if (command === 'explain') return await explainCommand(rest, io);
    // The others do not load what locks are made of.
    if (command === 'locks') return await (await import('./locks/locks-command')).locksCommand(rest, io);
    const commands = 'there are `oplock replay`, `oplock explain` and `oplock locks`.';
    throw usageError(command === undefined ? `No command is given: ${commands}` : `"${command}" is no command: ${commands}`);
  } catch (error) {
    io.stderr.write(`oplock: ${describe(error)}\n${isUsage(error) ? `See oplock ${command === 'locks' ? 'locks ' : ''}--help.\n` : ''}`);
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
