import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Injected } from './injected';
import type { FaultEvent } from '../faults/fault-event';
import { deliverBatch, type MappingOptions, type StreamHandler } from './mapping';
import type { ReplayFault, ReplayReport } from './report';
import { countRequests } from './request-counter';
import { createTally } from './tally';

export interface DeliverOptions {
  /** Its writes and requests are counted. */
  readonly client: DynamoDBDocumentClient;
  readonly makeHandler: (books: Pick<Injected, 'publishFault' | 'onSettled'>) => StreamHandler;
  readonly mapping: MappingOptions;
  readonly onProgress?: (done: number, total: number) => void;
}

const MAX_ERRORS = 10;

/** Delivers the batches one after the other and keeps the books: everything of the report but the table. */
export const deliverBatches = async (
  batches: readonly (readonly unknown[])[], { client, makeHandler, mapping, onProgress }: DeliverOptions,
): Promise<Omit<ReplayReport, 'table'>> => {
  const tally = createTally();
  const faults = new Map<string, ReplayFault>();
  const errors = new Set<string>();
  const counter = countRequests(client);
  const total = batches.reduce((sum, batch) => sum + batch.length, 0);
  const started = performance.now();
  try {
    const handler = makeHandler({
      onSettled: tally.settled,
      publishFault: (fault) => {
        faults.set(fault.id, faultOf(fault));
        return Promise.resolve();
      },
    });
    let done = 0;
    for (const batch of batches) {
      tally.startBatch(batch);
      const delivery = await deliverBatch(batch, handler, { ...mapping, onInvoke: tally.startInvocation });
      tally.endBatch();
      for (const error of delivery.errors) {
        if (errors.size < MAX_ERRORS) errors.add(error instanceof Error ? error.message : String(error));
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
