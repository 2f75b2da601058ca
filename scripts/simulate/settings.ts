/** A number that can be set: its default, its bounds, and what it means. */
export interface NumberOption {
  readonly preset: number;
  readonly least: number;
  readonly most: number;
  readonly whole?: true;
  readonly help: string;
}

export interface ChoiceOption<C extends string> {
  readonly preset: C;
  readonly choices: readonly C[];
  readonly help: string;
}

const number = (preset: number, least: number, most: number, help: string): NumberOption => ({ preset, least, most, help });
const whole = (preset: number, least: number, most: number, help: string): NumberOption => ({ preset, least, most, whole: true, help });
const choice = <const C extends string>(choices: readonly [C, ...C[]], help: string): ChoiceOption<C> => ({ preset: choices[0], choices, help });

/** Groups of options, in the order of the help. The names are those of the flags, in camel case. */
export const NUMBERS = {
  rate: number(1000, 0.01, 1e6, 'events per second, at random times'),
  minutes: number(5, 0.01, 1440, 'how long to look'),
  peak: number(0, 0, 1e6, 'events per second during the peak; 0: no peak'),
  peakAt: number(60, 0, 86_400, 'second at which the peak begins'),
  peakFor: number(60, 0, 86_400, 'seconds that it lasts'),
  backfill: number(0, 0, 1e6, 'old events per second beside the others'),
  backfillAt: number(60, 0, 86_400, 'second at which they begin'),
  backfillFor: number(60, 0, 86_400, 'seconds that they last'),
  keys: whole(10_000, 1, 1e7, 'items that are updated'),
  hot: number(0, 0, 1, 'share of the events that go to the hot items'),
  hotKeys: whole(1, 1, 1e6, 'how many items are hot'),
  late: number(0, 0, 1, 'share of the events that come late'),
  lateBy: number(60, 0.001, 1e7, 'seconds that they are late, on average'),
  copies: number(0, 0, 1, 'share of the events that come twice'),
  copyAfter: number(1, 0, 1e6, 'seconds until the copy comes, on average'),
  new: number(0, 0, 1, 'share of the events that create an item'),
  shards: whole(1, 1, 4096, 'of the stream'),
  factor: whole(1, 1, 10, 'ParallelizationFactor: batches of a shard under way at once'),
  batch: whole(100, 1, 10_000, 'BatchSize: records in an invocation'),
  window: number(0, 0, 300, 'MaximumBatchingWindowInSeconds'),
  poll: number(-1, -1, 60, 'seconds between two polls of a shard; -1: 1 for kinesis, 0.25 for dynamodb'),
  recordKb: number(1, 0.01, 1024, 'size of a record'),
  functions: whole(1000, 1, 100_000, 'reserved concurrency of the function'),
  memory: whole(1769, 128, 10_240, 'MB of the function; below 1,769 it has a part of a CPU'),
  concurrency: whole(16, 1, 1000, 'requests under way at once in an invocation'),
  batchSize: whole(25, 1, 25, 'writes in a request, without --strategy single'),
  itemKb: number(1, 0.01, 400, 'size of an item'),
  latency: number(5, 0, 10_000, 'ms until the table answers, median'),
  latencyTail: number(25, 0, 60_000, 'ms of the 99th percentile; below the median: no spread'),
  invokeMs: number(2, 0, 60_000, 'ms that an invocation takes without any event'),
  eventCpu: number(60, 0, 1e6, 'CPU us of an event, without its write'),
  requestCpu: number(350, 0, 1e6, 'CPU us of a request'),
  writeCpu: number(30, 0, 1e6, 'CPU us of each write in it'),
  unitPrice: number(0.625, 0, 1000, '$ per million write units'),
  gbSecondPrice: number(16.6667, 0, 1000, '$ per million GB-seconds of the function'),
  invocationPrice: number(0.2, 0, 1000, '$ per million invocations'),
  shardPrice: number(0.015, 0, 1000, '$ per shard and hour (kinesis)'),
  putPrice: number(0.014, 0, 1000, '$ per million records put, for each 25 KB (kinesis)'),
  seed: whole(1, 0, 2 ** 32 - 1, 'of all that is random: the same seed, the same run'),
} as const satisfies Readonly<Record<string, NumberOption>>;

export const CHOICES = {
  named: choice(['yes', 'no'], 'is a creation told by its type, *-created?'),
  table: choice(['full', 'empty'], 'are the items there at the beginning?'),
  source: choice(['kinesis', 'dynamodb'], 'what kind of stream'),
  strategy: choice(['auto', 'batch', 'single'], 'how writes are sent'),
  fold: choice(['yes', 'no'], 'do events of one item in a batch become one write?'),
  events: choice(['full', 'partial'], 'do events carry the whole state, or parts of it?'),
} as const;

type ChoiceOf<O> = O extends ChoiceOption<infer C> ? C : never;

/** All that a run depends on. Seconds, KB and shares as the help says. */
export type Settings = { readonly [N in keyof typeof NUMBERS]: number } & { readonly [N in keyof typeof CHOICES]: ChoiceOf<(typeof CHOICES)[N]> };

export type Name = keyof Settings;

const presetsOf = (options: Readonly<Record<string, { readonly preset: number | string }>>) =>
  Object.fromEntries(Object.entries(options).map(([name, { preset }]) => [name, preset]));

export const DEFAULTS = { ...presetsOf(NUMBERS), ...presetsOf(CHOICES) } as unknown as Settings;

/** Memory of a function that has one CPU to itself; what runs in JavaScript cannot use a second one. */
const FULL_CPU_MB = 1769;

/** The part of a CPU that the handler's thread has. */
export const cpuShare = ({ memory }: Settings): number => Math.min(1, memory / FULL_CPU_MB);

/** Seconds between two polls of a shard. */
export const pollOf = ({ poll, source }: Settings): number => (poll >= 0 ? poll : source === 'kinesis' ? 1 : 0.25);

/** Write units of one write, a refused one included: those of the item, for each KB begun. */
export const unitsOf = ({ itemKb }: Settings): number => Math.ceil(itemKb);
