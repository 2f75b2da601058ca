import type { StreamSource } from 'oplock-stream/replay';

/** Sees from outside which records a function has taken: neither the mapping's counts nor the function's are believed. */
export interface Witness {
  /** Watches one invocation. */
  watch(name: string, event: unknown, answer: Promise<unknown>): void;
  /** The records of the stream that no invocation of the function has answered for, in words. */
  missing(name: string, records: readonly unknown[]): readonly string[];
}

interface Identified {
  readonly eventID?: string;
  readonly kinesis?: { readonly sequenceNumber: string };
  readonly dynamodb?: { readonly SequenceNumber?: string };
}

const numberOf = ({ kinesis, dynamodb }: Identified): string | undefined => kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber;

export const createWitness = (): Witness => {
  const taken = new Map<string, Set<unknown>>();
  const takenBy = (name: string): Set<unknown> => {
    const found = taken.get(name) ?? new Set();
    taken.set(name, found);
    return found;
  };
  return {
    watch: (name, event, answer) => {
      const { Records: records } = event as { Records?: readonly Identified[] };
      if (!records) return;
      const note = (response: unknown): void => {
        const { batchItemFailures: failures = [] } = (response ?? {}) as { batchItemFailures?: readonly { itemIdentifier: string }[] };
        // Behind a failed record nothing counts: the stream is rewound to it.
        const failed = records.findIndex((record) => failures.some(({ itemIdentifier }) => itemIdentifier === numberOf(record)));
        for (const record of failed < 0 ? records : records.slice(0, failed)) takenBy(name).add(record.eventID);
      };
      answer.then(note, () => {}); // who died has taken nothing
    },
    missing: (name, records) => (records as readonly Identified[])
      .filter(({ eventID }) => !takenBy(name).has(eventID))
      .map(({ eventID }) => `${name} has never handled record ${String(eventID)}`),
  };
};

/** All records of a stream, from its beginning to what is there now. */
export const readAll = async (source: StreamSource<unknown>, signal: AbortSignal): Promise<readonly unknown[]> => {
  const records: unknown[] = [];
  await source.open(signal);
  for (const { id } of await source.shards(signal)) {
    let iterator = await source.iterator(id, { type: 'TRIM_HORIZON' }, signal);
    while (iterator !== undefined) {
      const page = await source.read(id, iterator, signal);
      records.push(...page.records);
      iterator = page.atTip && page.records.length === 0 ? undefined : page.next;
    }
  }
  return records;
};
