import type { ReadFrom, Shard, StreamSource } from '../../src/replay/event-source/stream-source';

export interface FakeRecord {
  readonly kinesis: { readonly sequenceNumber: string };
  readonly key: string;
  readonly time: number;
}

export interface FakeStream extends StreamSource<FakeRecord> {
  /** Puts records into a shard; gives them. */
  put(shard: string, count: number, more?: { key?: (n: number) => string; time?: number }): readonly FakeRecord[];
  add(shard: Shard): void;
  close(shard: string): void;
  /** The next calls of that name fail with these. */
  failNext(call: 'open' | 'shards' | 'iterator' | 'read', ...errors: readonly unknown[]): void;
  /** Where iterators were asked for: `shard:TRIM_HORIZON`. */
  readonly asked: string[];
  readonly reads: () => number;
}

export const named = (name: string): Error => Object.assign(new Error(`${name}, as the stream says it`), { name });

/** A stream in memory that can be made to fail. */
export const fakeStream = (...ids: string[]): FakeStream => {
  const shards = new Map<string, Shard & { records: FakeRecord[] }>(ids.map((id) => [id, { id, parents: [], closed: false, records: [] }]));
  const failures = new Map<string, unknown[]>();
  const asked: string[] = [];
  let sequence = 100;
  let reads = 0;
  const may = (call: string): void => {
    const error = failures.get(call)?.shift();
    if (error !== undefined) throw error;
  };
  const shardOf = (id: string) => shards.get(id) ?? (() => { throw new Error(`no shard ${id}`); })();
  const offsetOf = (id: string, from: ReadFrom): number => {
    const { records } = shardOf(id);
    if (from.type === 'AFTER_SEQUENCE_NUMBER') return records.findIndex(({ kinesis }) => kinesis.sequenceNumber === from.sequenceNumber) + 1;
    return from.type === 'LATEST' ? records.length : 0;
  };
  return {
    kind: 'kinesis',
    asked,
    reads: () => reads,
    open: async () => {
      may('open');
      return 'arn:aws:kinesis:here:000000000000:stream/fake';
    },
    shards: async () => {
      may('shards');
      return [...shards.values()].map(({ id, parents, closed }) => ({ id, parents, closed }));
    },
    iterator: async (id, from) => {
      may('iterator');
      asked.push(`${id}:${from.type}`);
      return `${offsetOf(id, from)}`;
    },
    read: async (id, iterator) => {
      may('read');
      reads += 1;
      const { records, closed } = shardOf(id);
      const page = records.slice(Number(iterator), Number(iterator) + 50);
      const next = Number(iterator) + page.length;
      return { records: page, atTip: next === records.length, ...(closed && next === records.length ? {} : { next: String(next) }) };
    },
    facts: ({ kinesis, key, time }) => ({ sequenceNumber: kinesis.sequenceNumber, key, time }),
    filterable: (record) => record,
    put: (id, count, { key = () => 'k', time = Date.now() } = {}) => {
      const added = Array.from({ length: count }, (_none, n) => ({ kinesis: { sequenceNumber: String(sequence += 1) }, key: key(n), time }));
      shardOf(id).records.push(...added);
      return added;
    },
    add: (shard) => { shards.set(shard.id, { ...shard, records: [] }); },
    close: (id) => { shards.set(id, { ...shardOf(id), closed: true }); },
    failNext: (call, ...errors) => { failures.set(call, [...failures.get(call) ?? [], ...errors]); },
  };
};
