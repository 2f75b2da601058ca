import { expectedPhase, newItemsOf, type Batching } from '../../../src/sinks/dynamodb/batch/batching';
import { nextPhase, type Phase } from '../../../src/sinks/dynamodb/batch/phase';
import type { Hint } from '../../../src/sinks/dynamodb/step';
import { cpuShare, unitsOf, type Settings } from '../settings';
import { attempt, type Tally } from './attempt';
import type { Latency } from './latency';
import { createQueue } from './ready';
import type { Table } from './table';
import type { Write } from './write';

interface Waiting {
  readonly write: Write;
  readonly hint: Hint;
  readonly changes: number;
  /** Decided as late as can be, when more is known of the items. */
  phase: Phase | undefined;
}

interface UnderWay {
  readonly end: number;
  readonly taken: readonly Waiting[];
}

/** What a function keeps from one invocation to the next. */
export interface Sender {
  readonly table: Table;
  /** `undefined`: each write is a request. The sink's own, with all that it decides. */
  readonly batching: Batching | undefined;
  readonly latency: Latency;
}

/**
 * Sends the writes of an invocation as the sink does: those of one item one after the other, the earliest of all others
 * next, as many requests at once as there may be. One CPU makes the requests, one after the other. Gives the ms that it
 * takes, and adds to the tally.
 */
export const sendAll = (writes: readonly Write[], settings: Settings, { table, batching, latency }: Sender, tally: Tally): number => {
  const { concurrency } = settings;
  const { size, minimum } = batching ?? { size: 1, minimum: 1 };
  const units = unitsOf(settings);
  const [requestMs, writeMs] = [settings.requestCpu, settings.writeCpu].map((us) => us / 1000 / cpuShare(settings)) as [number, number];
  const ready = createQueue(writes, concurrency * size);
  let queue: Waiting[] = [];
  let underWay: UnderWay[] = [];
  let now = 0;
  let cpu = 0;

  const enter = (write: Write, hint: Hint): Waiting => ({ write, hint, changes: 0, phase: undefined });
  const phaseOf = (waiting: Waiting): Phase => (waiting.phase ??= batching ? expectedPhase(batching, waiting.hint) : 'single');
  const isStatement = (waiting: Waiting): boolean => phaseOf(waiting) !== 'single';

  /** Where nothing is known of the items, `auto` lets one batch go ahead. */
  const mayStart = ({ hint, phase }: Waiting): boolean => {
    if (underWay.length >= concurrency) return false;
    return underWay.every(({ taken }) => taken.length === 1) || batching?.strategy !== 'auto' || phase !== undefined || newItemsOf(batching, hint)?.isGuess() !== true;
  };

  /** The first of the queue, with the statements that it can take along. */
  const take = (first: Waiting): readonly Waiting[] => {
    const taken: Waiting[] = [];
    for (let i = 0; isStatement(first) && i < queue.length && taken.length < size; i += 1) if (isStatement(queue[i] as Waiting)) taken.push(queue[i] as Waiting);
    if (taken.length < minimum) return queue.splice(0, 1);
    const gone = new Set(taken);
    queue = queue.filter((one) => !gone.has(one));
    return taken;
  };

  const send = (taken: readonly Waiting[]): void => {
    cpu = Math.max(cpu, now) + requestMs + taken.length * writeMs;
    tally.requests += 1;
    // What goes alone goes as an UpdateItem.
    underWay.push({ end: cpu + latency(taken.length), taken: taken.length === 1 ? taken.map((one) => ({ ...one, phase: 'single' })) : taken });
  };

  /** Each write counts once, by its first answer. */
  const learn = ({ hint, changes, phase }: Waiting, kind: string): void => {
    if (batching && changes === 0 && phase !== 'single') newItemsOf(batching, hint)?.saw(kind === 'missing' || (kind === 'done' && phase === 'insert'));
  };

  /** Gives what goes on with another statement. */
  const answer = (waiting: Waiting): readonly Waiting[] => {
    const found = attempt(table, waiting.write, phaseOf(waiting), settings.events === 'partial', units, tally);
    learn(waiting, found.kind);
    if (found.kind === 'missing' || found.kind === 'exists') return [{ ...waiting, phase: nextPhase(found.kind, waiting.changes), changes: waiting.changes + 1 }];
    if (found.kind === 'rest') queue.push(enter(found.write, 'there'));
    else ready.finish(waiting.write);
    return [];
  };

  for (;;) {
    for (let write = ready.next(); write; write = ready.next()) queue.push(enter(write, write.isCreation ? 'created' : undefined));
    for (let [first] = queue; first && mayStart(first); [first] = queue) send(take(first));
    if (underWay.length === 0) return Math.max(cpu, now);
    now = Math.max(cpu, underWay.reduce((first, { end }) => Math.min(first, end), Infinity));
    // What was answered while the CPU was busy is read in one go.
    const done = underWay.filter(({ end }) => end <= now).sort((a, b) => a.end - b.end);
    underWay = underWay.filter(({ end }) => end > now);
    const others = done.flatMap(({ taken }) => taken.flatMap(answer));
    if (others.length > 0) queue.unshift(...others);
  }
};
