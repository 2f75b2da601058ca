import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import type { Event } from '../../src/event';
import { materialize } from '../../src/flavors/materialize';
import type { Item } from '../../src/oplock/condition/evaluate';
import { sortableSequence } from '../../src/oplock/sequence';
import type { OplockOptions, WriteRequest } from '../../src/oplock/write';
import type { OutcomeKind } from '../../src/outcome';
import { createHandler } from '../../src/pipelines/create-handler';
import { initializeFrom } from '../../src/pipelines/initialize';
import type { Rule } from '../../src/pipelines/pipeline';
import { histories } from '../../src/replay/converge/histories';
import { takingPart, type History } from '../../src/replay/converge/history';
import { play, type Run } from '../../src/replay/converge/run';
import type { Engine } from '../../src/replay/engines/engine';
import { tableKey } from '../../src/replay/engines/table-key';
import { diffTables, renderDiff } from '../../src/replay/table/diff';
import { toPlainItems } from '../../src/replay/table/plain';
import type { TroubleKind } from '../../src/replay/troubles/trouble';
import type { Strategy } from '../../src/sinks/dynamodb/update-options';
import { fromKinesis } from '../../src/sources/from-kinesis';
import { toKinesisRecords } from '../../src/sources/kinesis-records';
import type { Uow } from '../../src/uow';
import { NOW } from '../unit/oplock/uow';
import { byAge, facts, requestOf, type Fact, type FactOptions } from './facts';
import { byItem, foldFacts, storedItem } from './reference';
import { silent } from './uows';

interface FactEvent extends Event {
  readonly index: number;
}

export interface ConvergenceOptions extends FactOptions {
  readonly engine: Engine;
  readonly runs: number;
  /** As for the handler. Groups come from `groups`. Default: none. */
  readonly oplock?: Omit<OplockOptions, 'groups'>;
  /** What an event asks for. Default: that the item be as it says. */
  readonly request?: (fact: Fact) => WriteRequest;
  /** Default: as the handler's, true. */
  readonly fold?: boolean;
  /** Default: each history has one of the three. */
  readonly strategy?: Strategy;
  /** What is done with the events. Default: one rule, which writes what `toWrite` says. */
  readonly rules?: (toWrite: (uow: Uow) => WriteRequest) => readonly object[];
  /** The items that the facts that were delivered must leave. Default: those of the reference model. */
  readonly expected?: (facts: readonly Fact[]) => readonly Item[];
  /** Items that are there before the first event. Default: none. */
  readonly given?: readonly Item[];
  /** Makes the histories that are wanted out of any. Default: any. */
  readonly arrange?: (history: History) => History;
  /** Attributes that may be anything. Default: none. */
  readonly ignore?: readonly string[];
}

/** What came up in all runs together: so that a test can tell that it saw what it is about. */
export interface Seen {
  readonly outcomes: Readonly<Partial<Record<OutcomeKind, number>>>;
  readonly troubles: Readonly<Partial<Record<TroubleKind, number>>>;
}

const OUTCOMES = ['applied', 'duplicate', 'retry', 'stale', 'superseded', 'tombstoned'];

/**
 * A test that met no trouble, no old event and no checkpoint would prove nothing. For runs of a thousand and more, in
 * memory: the rarest of these comes about once in thirteen histories.
 */
export const expectAll = ({ outcomes, troubles }: Seen, ...more: readonly string[]): void => {
  expect(Object.keys(outcomes).sort()).toEqual([...OUTCOMES, ...more].sort());
  expect(Object.keys(troubles).sort()).toEqual(['crash-after', 'crash-before', 'response-lost']);
};

/** For the hundred of the same histories that a real engine has the time for: what is rare may not come up in them. */
export const expectOnly = ({ outcomes }: Seen, ...more: readonly string[]): void => {
  expect(Object.keys(outcomes).filter((kind) => ![...OUTCOMES, ...more].includes(kind))).toEqual([]);
};

interface Arrival {
  readonly all: readonly Fact[];
  readonly history: History;
  /** Requests that do not get through. */
  readonly unsent: readonly number[];
  /** Of a request: with 1, the first trouble goes back to Lambda as a checkpoint. */
  readonly maxAttempts: number;
  readonly concurrency: number;
  readonly strategy: Strategy;
}

export const STRATEGIES: readonly Strategy[] = ['auto', 'batch', 'single'];

const KEY = tableKey({ partitionKey: 'pk', sortKey: 'sk' });
const TTL = NOW / 1000 + 400 * 86_400;

/**
 * Histories of several items, through the real pipeline: any order of any of their events, up to three times each, in any
 * batches, with requests and responses that get lost, and with processes that die and batches that come again. Each must leave the table of the
 * reference model. Throws the smallest history that does not.
 */
export const checkConvergence = async (options: ConvergenceOptions): Promise<Seen> => {
  const outcomes: Partial<Record<OutcomeKind, number>> = {};
  const troubles: Partial<Record<TroubleKind, number>> = {};
  const arrivals: fc.Arbitrary<Arrival> = facts(options).chain((all) => fc.record({
    all: fc.constant(all), history: histories(fc, all.length).map(options.arrange ?? ((history) => history)),
    unsent: fc.array(fc.nat(all.length * 2), { maxLength: 2 }), maxAttempts: fc.constantFrom(3, 1), concurrency: fc.constantFrom(1, 4),
    strategy: options.strategy ? fc.constant(options.strategy) : fc.constantFrom(...STRATEGIES),
  }));
  const check = async (arrival: Arrival): Promise<void> => {
    const { rows, settled, happened, faults } = await arrive(arrival, options);
    for (const { outcome: { kind } } of settled) outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    for (const { kind } of happened) troubles[kind] = (troubles[kind] ?? 0) + 1;
    const diff = diffTables(rows, expectedRows(arrival, options), KEY);
    if (!diff.equal) throw new Error(renderDiff(diff));
    if (faults.length > 0) throw new Error(`there should be no faults: ${faults.join('; ')}`);
  };
  const { stackTraceLimit } = Error;
  // Refusals are errors, and there are very many of them: their stacks take a sixth of the time.
  Error.stackTraceLimit = 0;
  try {
    await fc.assert(fc.asyncProperty(arrivals, check), { numRuns: options.runs });
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return { outcomes, troubles };
};

const recordsOf = (all: readonly Fact[]) => toKinesisRecords(all.map(({ id, timestamp, key }, index): FactEvent =>
  ({ id, type: 'thing', timestamp, partitionKey: String(key), index }))).Records;

/** The same engine, some of whose requests fail before they are sent, but none of the first. */
const unreliable = (engine: Engine, unsent: readonly number[], first: number): Engine => {
  let requests = -first;
  const send = async (...given: Parameters<Engine['client']['send']>): Promise<unknown> => {
    if (unsent.includes(requests++)) throw Object.assign(new Error('TimeoutError'), { name: 'TimeoutError' });
    return engine.client.send(...given);
  };
  return { ...engine, client: new Proxy(engine.client, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name) as unknown) }) };
};

const arrive = ({ all, history, unsent, maxAttempts, concurrency, strategy }: Arrival, { engine, groups, oplock, fold, request = requestOf, rules = oneRule, given = [], ignore = [] }: ConvergenceOptions): Promise<Run> => {
  const toWrite = ({ event }: Uow): WriteRequest => request(all[(event as FactEvent).index] as Fact);
  const pipelines = initializeFrom(rules(toWrite) as readonly Rule[]);
  return play({
    engine: unreliable(engine, unsent, given.length), key: KEY, given, ignore,
    records: recordsOf(all).map((record) => ({ record, events: [] })),
    makeHandler: ({ clock, ...process }) => {
      const handler = createHandler({
        ...process, source: fromKinesis, pipelines, now: () => clock, logger: silent, concurrency,
        retry: { maxAttempts, baseMs: 0, capMs: 0 }, oplock: { ...oplock, ...(groups && { groups }) }, ...(fold !== undefined && { fold }), strategy,
      });
      return (event) => handler(event as Parameters<typeof handler>[0]);
    },
  }, history, NOW);
};

const oneRule = (toWrite: (uow: Uow) => WriteRequest) => [{ id: 'thing', flavor: materialize, toWrite }];

const expectedRows = ({ all, history }: Arrival, options: ConvergenceOptions) => {
  const delivered = takingPart(history).map((i) => all[i] as Fact);
  const items = (options.expected ?? reference(all, options))(delivered);
  return toPlainItems(items.map(toWire), KEY);
};

/** Attribute by attribute: of an item that has one named `constructor`, the SDK says that it is no object. */
const toWire = (item: Item): Readonly<Record<string, AttributeValue>> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, marshall({ value })['value'] as AttributeValue]));

const reference = (all: readonly Fact[], { groups, oplock }: ConvergenceOptions) => (delivered: readonly Fact[]): readonly Item[] => {
  const sequenceOf = (fact: Fact) => sortableSequence(recordsOf(all)[all.indexOf(fact)]?.kinesis.sequenceNumber ?? '');
  const bySequence = (a: Fact, b: Fact): number => all.indexOf(a) - all.indexOf(b);
  const sequenced = oplock?.by === 'sequence';
  return byItem(delivered).map((some) => storedItem(foldFacts(some, sequenced ? bySequence : byAge), {
    ttl: TTL, ...(groups && { groups }), ...(sequenced && { oplockOf: sequenceOf }),
  }));
};
