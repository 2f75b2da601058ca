import { describeError } from '../../error-text';
import { createLockClient, type LockClient } from '../../locks';
import type { ExitCode, Io } from '../io';
import { parseLocksArgs, type LocksArgs } from './args';
import { breakCommand } from './break';
import type { LocksContext } from './context';
import { listCommand } from './list';
import { printable } from '../../printable';
import { explainProblem } from './problem';
import { showCommand } from './show';
import { watchCommand } from './watch';
import { systemWorld, type Connection, type LocksWorld } from './world';

/** `oplock locks`: a thin edge of the lock client. Everything that is wrong with what was given is thrown. */
export const locksCommand = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const args = parseLocksArgs(argv);
  const world: LocksWorld = { ...systemWorld, ...io.locks };
  const print = (line: string): void => io.stdout(`${line}\n`);
  const note = (line: string): void => { io.stderr.write(`oplock: ${printable(line)}\n`); };
  const connection = world.connect(args);
  try {
    const locks = clientOf(args, world, connection, note);
    try {
      return await commandOf({ args, locks, world, print, note });
    } finally {
      await locks.close();
    }
  } catch (error) {
    throw await explainProblem(error, args, connection);
  } finally {
    await connection.stop();
  }
};

const commandOf = (context: LocksContext<LocksArgs['command']>): Promise<ExitCode> => {
  const { args } = context;
  switch (args.command) {
    case 'list': return listCommand({ ...context, args });
    case 'show': return showCommand({ ...context, args });
    case 'watch': return watchCommand({ ...context, args });
    case 'break': return breakCommand({ ...context, args });
  }
};

/** What the client logs is for whoever looks on: a table that does not answer, told once and not each second. */
const clientOf = (args: LocksArgs, { clock, userName }: LocksWorld, { client }: Connection, note: (line: string) => void): LockClient => {
  let last: string | undefined;
  const log = (message: string, { error }: Readonly<Record<string, unknown>> = {}): void => {
    const line = error === undefined ? message : `${message}: ${describeError(error)}`;
    if (line !== last) note(line);
    last = line;
  };
  return createLockClient({
    client, clock,
    tableName: args.table,
    ownerName: (args.command === 'break' ? args.owner : undefined) ?? userName(),
    logger: { debug: log, warn: log, error: log },
    ...(args.partitionKey === undefined ? {} : { partitionKeyName: args.partitionKey }),
    ...(args.sortKeyName === undefined ? {} : { sortKeyName: args.sortKeyName }),
  });
};
