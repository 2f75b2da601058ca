import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { messageOf } from '../error-text';
import type { Injected } from './injected';
import type { FaultEvent } from '../faults/fault-event';
import { deliverBatch, type MappingOptions, type StreamHandler } from './mapping';
import { mortalHandler } from './troubles/mortal-handler';
import type { TroublePlan } from './troubles/trouble';
import { createWorld } from './troubles/troubled-client';
import type { ReplayFault, ReplayReport } from './report';
import { countRequests } from './request-counter';
import { createTally } from './tally';

export interface DeliverOptions {
  /** Its writes and requests are counted. */
  readonly client: DynamoDBDocumentClient;
  /** Called once for each process. */
  readonly makeHandler: (injected: Pick<Injected, 'client' | 'publishFault' | 'onSettled'>) => StreamHandler;
  /** When processes die. Default: never. */
  readonly troubles?: TroublePlan;
  readonly mapping: MappingOptions;
  readonly onProgress?: (done: number, total: number) => void;
}

const MAX_ERRORS = 10;

/** Delivers the batches one after the other and keeps the books: everything of the report but the table. */
export const deliverBatches = async (
  batches: readonly (readonly unknown[])[], { client, makeHandler, troubles, mapping, onProgress }: DeliverOptions,
): Promise<Omit<ReplayReport, 'table'>> => {
  const tally = createTally();
  const faults = new Map<string, ReplayFault>();
  const errors = new Set<string>();
  const counter = countRequests(client);
  const world = troubles && createWorld(client, troubles);
  const total = batches.reduce((sum, batch) => sum + batch.length, 0);
  const started = performance.now();
  try {
    const books: Pick<Injected, 'publishFault' | 'onSettled'> = {
      onSettled: tally.settled,
      publishFault: (fault) => {
        faults.set(fault.id, faultOf(fault));
        return Promise.resolve();
      },
    };
    const handler = world
      ? mortalHandler(world, (life) => makeHandler({
          ...books,
          client: life.client,
          // What a dead process still does is not heard of.
          onSettled: (settled) => { if (!life.isOver()) books.onSettled(settled); },
        }))
      : makeHandler({ ...books, client });
    let done = 0;
    for (const batch of batches) {
      tally.startBatch(batch);
      const delivery = await deliverBatch(batch, handler, { ...mapping, onInvoke: tally.startInvocation });
      tally.endBatch();
      for (const error of delivery.errors) {
        if (errors.size < MAX_ERRORS) errors.add(messageOf(error));
      }
      done += batch.length;
      onProgress?.(done, total);
    }
  } finally {
    counter.stop();
  }
  const { outcomes, redelivered, unsettled } = tally;
  return {
    events: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
    outcomes,
    writes: counter.writes,
    requests: counter.requests,
    seconds: (performance.now() - started) / 1_000,
    redelivered,
    crashed: world?.deaths ?? 0,
    lostResponses: world?.lostResponses ?? 0,
    undelivered: outcomes.retry,
    unsettled: unsettled.slice(0, MAX_ERRORS),
    faults: [...faults.values()],
    errors: [...errors],
  };
};

const faultOf = ({ id, err, tags, uow }: FaultEvent): ReplayFault => {
  const event = (uow.event as { readonly id?: unknown } | null | undefined)?.id;
  return { id, message: err.message, pipeline: tags.pipeline, ...(typeof event === 'string' ? { event } : {}) };
};
