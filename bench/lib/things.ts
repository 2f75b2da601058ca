import type { KinesisStreamEvent } from 'aws-lambda';
import { toKinesisRecords, type Event } from 'oplock-stream';

/** What the listeners of all sides keep a view of. */
export interface ThingEvent extends Event {
  readonly thing: { readonly id: string } & Readonly<Record<string, string | number>>;
}

/** Which events one invocation delivers; the same numbers give the same events. */
export interface BatchSpec {
  /** Records. */
  readonly count: number;
  /** Different items among them; each in turn. Default: as many as records. */
  readonly keys?: number;
  /** Number of the first item: other numbers, other items. Default 0. */
  readonly firstKey?: number;
  /** Later rounds have later timestamps. */
  readonly round: number;
  /** Default `updated`. */
  readonly action?: 'created' | 'updated';
  /** How many kinds of events, each for a rule of its own, take turns. Default 1. */
  readonly kinds?: number;
  /** Each event carries one attribute only, another one each time. Default: all five. */
  readonly partial?: boolean;
}

/** The past, for events of the future are set aside. A round has room for a million events. */
const START = Date.UTC(2025, 0, 1);
const ROUND_MS = 1_000_000;

const ATTRIBUTES = ['name', 'description', 'status', 'price', 'quantity'] as const;

const attributes = (id: string, at: number) => ({
  name: `Thing ${id} at ${at}`,
  description: 'Five attributes, one of them a sentence of some eighty characters, as such things have.',
  status: at % 2 === 0 ? 'available' : 'reserved',
  price: 10 + (at % 90) / 100,
  quantity: at % 1000,
});

export const thingEvents = ({ count, keys = count, firstKey = 0, round, action = 'updated', kinds = 1, partial = false }: BatchSpec): readonly ThingEvent[] =>
  Array.from({ length: count }, (_, i) => {
    const id = `thing-${firstKey + (i % keys)}`;
    const all = attributes(id, round + i);
    const only = ATTRIBUTES[Math.floor(i / keys) % ATTRIBUTES.length] ?? 'name';
    return {
      id: `${round}-${i}`,
      type: `thing-${i % kinds}-${action}`,
      timestamp: START + round * ROUND_MS + i,
      partitionKey: id,
      tags: { source: 'things', region: 'eu-west-1' },
      thing: { id, ...(partial ? { [only]: all[only] } : all) },
    };
  });

export const invocationOf = (spec: BatchSpec): KinesisStreamEvent => toKinesisRecords(thingEvents(spec));

export type ThingRow = Readonly<Record<string, unknown>>;

/** The rows that these events leave when nothing is lost, by `pk`: of each attribute, what its newest event says. */
export const expectedRows = (events: readonly ThingEvent[]): ReadonlyMap<string, ThingRow> => {
  const rows = new Map<string, ThingRow>();
  for (const { thing: { id, ...set }, timestamp } of [...events].sort((a, b) => a.timestamp - b.timestamp)) {
    rows.set(id, { ...rows.get(id), ...set, timestamp });
  }
  return rows;
};

/** Of what is expected, what is missing or different; attributes that a side keeps for itself are its own affair. */
export const differences = (expected: ReadonlyMap<string, ThingRow>, rows: readonly ThingRow[]): readonly string[] => {
  const found = new Map(rows.map((row) => [row['pk'], row]));
  return [...expected].flatMap(([id, attributes]) => {
    const row = found.get(id);
    if (!row) return [`${id} is missing`];
    return Object.entries(attributes).filter(([name, value]) => row[name] !== value).map(([name, value]) => `${id}.${name} is ${String(row[name])}, not ${String(value)}`);
  });
};
