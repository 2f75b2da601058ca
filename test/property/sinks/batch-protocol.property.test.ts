import { answerOf, type StatementAnswer, type StatementError } from '../../../src/sinks/dynamodb/batch/answer';
import { nextPhase, type Phase } from '../../../src/sinks/dynamodb/batch/phase';

/*
 * All interleavings of a few clients that write one item. The statements are what DynamoDB documents of them, the
 * answers and the phases are those of the sink. The measure is the one conditional UpdateItem, which creates or updates.
 */

/** The oplock that is stored; `undefined`: there is no item. */
type Stored = number | undefined;

interface Client {
  readonly at: number;
  readonly start: 'update' | 'insert';
  /** Absent when it is done. */
  readonly phase: Phase | undefined;
  readonly changes: number;
  /** Of this try. */
  readonly steps: number;
  readonly said?: 'applied' | 'stale';
}

interface State {
  readonly stored: Stored;
  readonly clients: readonly Client[];
  /** How often others may still delete the item. */
  readonly deletes: number;
  /** How many answers may still go wrong: lost when it is done, refused before, or not understood. */
  readonly troubles: number;
}

interface Step {
  readonly stored: Stored;
  readonly error?: StatementError;
}

const passes = (stored: Stored, at: number): boolean => stored === undefined || stored < at;
const REFUSED = (stored: Stored): StatementError => ({ Code: 'ConditionalCheckFailed', ...(stored !== undefined && { Item: { stored } }) });

const STEPS: Readonly<Record<Phase, (stored: Stored, at: number) => Step>> = {
  update: (stored, at) => (stored !== undefined && passes(stored, at) ? { stored: at } : { stored, error: REFUSED(stored) }),
  insert: (stored, at) => (stored === undefined ? { stored: at } : { stored, error: { Code: 'DuplicateItem' } }),
  single: (stored, at) => (passes(stored, at) ? { stored: at } : { stored, error: REFUSED(stored) }),
};

const after = (client: Client, answer: StatementAnswer): Client => {
  switch (answer.kind) {
    case 'taken': return { ...client, phase: undefined, said: 'applied' };
    case 'refused': return { ...client, phase: undefined, said: 'stale' };
    case 'missing': case 'exists': case 'invalid': return { ...client, phase: nextPhase(answer.kind, client.changes), changes: client.changes + 1 };
    case 'failed': case 'denied': return begin(client);
  }
};

const begin = ({ at, start }: Pick<Client, 'at' | 'start'>): Client => ({ at, start, phase: start, changes: 0, steps: 0 });

/** What would an UpdateItem have done, and said, in place of this step? */
const checkStep = (before: Stored, client: Client, { stored, error }: Step): void => {
  const single = STEPS.single(before, client.at);
  if (!error && (single.error ?? single.stored !== stored)) throw new Error(`a step changed ${before} to ${stored} where an UpdateItem would not`);
  if (error && stored !== before) throw new Error('a refused step changed the item');
  if (error?.Item && !single.error) throw new Error('stale, where an UpdateItem would have written');
};

interface Seen {
  /** Steps of one try at most. */
  steps: number;
  /** What the clients said, and what is stored. */
  readonly ends: Set<string>;
}

const explore = (first: State): Seen => {
  const known = new Set<string>();
  const seen: Seen = { steps: 0, ends: new Set() };
  const stack: State[] = [first];
  const visit = (state: State): void => {
    const name = JSON.stringify([state.stored ?? null, state.clients.map(({ at, start, phase, changes, steps, said }) => [at, start, phase, changes, steps, said]), state.deletes, state.troubles]);
    if (known.has(name)) return;
    known.add(name);
    stack.push(state);
  };
  for (let state = stack.pop(); state; state = stack.pop()) {
    const { stored, clients, deletes, troubles } = state;
    if (clients.every(({ phase }) => !phase)) seen.ends.add(`${clients.map(({ said }) => said).join()} ${stored}`);
    if (stored !== undefined && deletes > 0) visit({ ...state, stored: undefined, deletes: deletes - 1 });
    clients.forEach((client, i) => {
      if (!client.phase) return;
      const step = STEPS[client.phase](stored, client.at);
      checkStep(stored, client, step);
      const counted = { ...client, steps: client.steps + 1 };
      seen.steps = Math.max(seen.steps, counted.steps);
      const go = (next: Step, error: StatementError | undefined, left: number): void =>
        visit({ stored: next.stored, clients: clients.with(i, after(counted, answerOf(error))), deletes, troubles: left });
      go(step, step.error, troubles);
      if (troubles === 0) return;
      go(step, { Code: 'InternalServerError' }, troubles - 1);
      go({ stored }, { Code: 'ThrottlingError' }, troubles - 1);
      if (client.phase !== 'single') go({ stored }, { Code: 'ValidationError' }, troubles - 1);
    });
  }
  return seen;
};

const STARTS = ['update', 'insert'] as const;
const startsOf = (count: number): readonly (readonly ('update' | 'insert')[])[] =>
  (count === 0 ? [[]] : startsOf(count - 1).flatMap((rest) => STARTS.map((start) => [...rest, start])));
const ORDERS = { 2: [[1, 2], [1, 1]], 3: [[1, 2, 3], [1, 1, 2], [1, 2, 2]] } as const;

const all = (count: 2 | 3, deletes: number, troubles: number): readonly Seen[] =>
  ORDERS[count].flatMap((order) => [undefined, 0, 1.5, 9].flatMap((stored) => startsOf(count).map((starts) =>
    explore({ stored, deletes, troubles, clients: order.map((at, i) => begin({ at, start: starts[i] as 'update' | 'insert' })) }))));

describe('UPDATE, INSERT and UpdateItem in turn', () => {
  it.each([[2, 0, 0], [2, 3, 2], [3, 0, 1], [3, 3, 0], [3, 1, 1]] as const)('%i clients, %i deletes, %i troubles: each run is one UpdateItem at its last step', (count, deletes, troubles) => {
    const found = all(count, deletes, troubles);
    expect(found.every(({ ends }) => ends.size > 0)).toBe(true);
    // Three changes of phase at most, and then the atomic request. Without deletes, an item that is seen stays: two, and one for trouble.
    expect(Math.max(...found.map(({ steps }) => steps))).toBe(deletes > 0 ? 5 : 3 + Math.min(troubles, 1));
  });

  it('without deletes the newest event stands, whoever was first', () => {
    for (const { ends } of all(3, 0, 0)) for (const end of ends) expect(end).toMatch(/(2|3|9|1\.5)$/);
    const ends = explore({ stored: undefined, deletes: 0, troubles: 0, clients: [begin({ at: 1, start: 'update' }), begin({ at: 2, start: 'insert' })] }).ends;
    expect([...ends].sort()).toEqual(['applied,applied 2', 'stale,applied 2']);
  });

  it('what PartiQL does not take goes as a request', () => {
    expect(nextPhase('invalid', 0)).toBe('single');
    expect(STARTS.map((start) => after(begin({ at: 1, start }), { kind: 'invalid' }).phase)).toEqual(['single', 'single']);
  });
});
