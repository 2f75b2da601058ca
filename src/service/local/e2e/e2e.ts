import { setMaxListeners } from 'node:events';
import { paginateScan, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { StreamSource } from 'oplock-stream/replay';
import { startLocalService, type LocalServiceOptions } from '../local-service';
import { createOutcomeCounter } from '../outcomes';
import type { LocalFunction } from '../start-function';
import { startTroubledProxy, type TroubledProxy } from '../troubled-proxy';
import { checkCommands, checkEvents, checkOutcomes, compareTables, type Change, type Published } from './compare';
import { workAtDesk } from './desk';
import { sellSeats } from './sales';
import { createWitness, readAll } from './witness';

export interface E2eOptions extends Pick<LocalServiceOptions, 'definition' | 'root' | 'runner' | 'random'> {
  /** People at desks. Default 20. */
  readonly clients?: number;
  /** Items that they edit. Default 10. */
  readonly seats?: number;
  /** Edits of each that have to be accepted. Default 10. */
  readonly edits?: number;
  readonly log?: (from: string, line: string) => void;
  readonly onProgress?: (stage: string) => void;
  readonly signal?: AbortSignal;
}

export interface E2eReport {
  readonly engine: 'local' | 'embedded';
  readonly seconds: number;
  /** Commands that changed a seat, and those that were refused because somebody was faster. */
  readonly accepted: number;
  readonly refused: number;
  /** Requests that were sent again because nothing, or a 5xx, came back. */
  readonly repeated: number;
  /** What was injected. */
  readonly injected: { readonly lostResponses: number; readonly serverErrors: number; readonly throttled: number; readonly killed: Readonly<Record<string, number>> };
  /** What the metrics of the functions say. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly view: { readonly seats: number };
  /** What is not as it must be, in words. Empty: all is well. */
  readonly wrong: readonly string[];
}

/** How often a function that is invoked dies on the way. */
const KILL: Readonly<Record<string, number>> = { command: 0.01, trigger: 0.2, listener: 0.2 };
const MAX_LIFE_MS = 60;
const DRAIN_MS = 120_000;

/**
 * The whole service, on a bad day: many people edit few seats over HTTP while responses get lost, functions are killed
 * in the middle and batches are delivered twice. Then the weather clears up, and the view must be what the source says.
 */
export const runE2e = async (options: E2eOptions): Promise<E2eReport> => {
  const { clients = 20, edits = 10, random = Math.random, log = () => {}, onProgress = () => {}, signal = new AbortController().signal } = options;
  setMaxListeners(0, signal); // each request under way listens
  const started = performance.now();
  const outcomes = createOutcomeCounter();
  const witness = createWitness();
  const latest = new Map<string, number>();
  const killed: Record<string, number> = {};
  let proxy: TroubledProxy | undefined;
  let stormy = false;

  const maybeKill = (name: string, invoked: LocalFunction): void => {
    if (!stormy || random() >= (KILL[name] ?? 0)) return;
    setTimeout(() => {
      void invoked.kill().then((underWay) => { killed[name] = (killed[name] ?? 0) + underWay; });
    }, random() * MAX_LIFE_MS);
  };

  onProgress('starting the service');
  const service = await startLocalService({
    ...options,
    log: (from, line) => { if (!outcomes.take(from, line)) log(from, line); },
    duplicate: 0.2,
    random,
    onInvoke: (name, invoked, event, answer) => {
      witness.watch(name, event, answer);
      maybeKill(name, invoked);
    },
    between: async (endpoint) => (proxy = await startTroubledProxy(endpoint, random)).endpoint,
  });
  try {
    const weather = proxy;
    const seats = Array.from({ length: options.seats ?? 10 }, (_none, i) => `opera.A${i + 1}`);
    onProgress(`putting ${seats.length} seats on sale`);
    const wrong: string[] = [...await sellSeats({ endpoint: service.url, seats, signal })];

    onProgress(`${clients} clients edit ${seats.length} seats; responses get lost, functions die`);
    weather?.trouble({ lostResponse: 0.05, serverError: 0.05, throttle: 0.05 });
    stormy = true;
    const reports = await Promise.all(Array.from({ length: clients }, () => workAtDesk({ endpoint: service.url, seats, edits, random, signal, latest })));
    stormy = false;
    weather?.trouble({});
    const accepted = reports.flatMap((one) => one.accepted);
    const refused = reports.flatMap((one) => one.refused);
    wrong.push(...reports.flatMap((one) => one.wrong));

    onProgress('waiting until the view has all of it');
    for (const name of ['trigger', 'listener']) await service.mappings.get(name)?.drained({ timeoutMs: DRAIN_MS });
    const source = await scan(service.client, service.tables['Seats'] as string);
    const view = await scan(service.client, service.tables['BoxOffice'] as string);
    wrong.push(...checkCommands(source, accepted, refused));
    if (service.engine === 'local') {
      wrong.push(...compareTables(source, view));
      const records = async (name: string) => readAll(service.sources.get(name) as StreamSource<unknown>, signal);
      const [changes, events] = [await records('trigger'), await records('listener')];
      for (const [name, records] of [['trigger', changes], ['listener', events]] as const) {
        wrong.push(...witness.missing(name, records), ...checkOutcomes(name, outcomes.counts[name], records.length));
      }
      wrong.push(...checkEvents(changes as Change[], events as Published[], reports.flatMap(({ seen }) => [...seen])));
    }
    for (const { from, record } of service.failed) wrong.push(`${from} gave up: ${JSON.stringify(record)}`);
    for (const fault of service.faults) wrong.push(`set aside: ${fault}`);

    return {
      engine: service.engine,
      seconds: (performance.now() - started) / 1000,
      accepted: accepted.length,
      refused: refused.length,
      repeated: reports.reduce((sum, one) => sum + one.repeated, 0),
      injected: { lostResponses: weather?.counts.lost ?? 0, serverErrors: weather?.counts.errors ?? 0, throttled: weather?.counts.throttled ?? 0, killed },
      outcomes: outcomes.counts,
      view: { seats: view.length },
      wrong,
    };
  } finally {
    await service.stop();
    await proxy?.stop();
  }
};

const scan = async (client: DynamoDBDocumentClient, table: string): Promise<Record<string, unknown>[]> => {
  const rows: Record<string, unknown>[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) rows.push(...Items);
  return rows;
};
