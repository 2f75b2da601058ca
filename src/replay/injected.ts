import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { FaultPublisher } from '../faults/publisher';
import type { Logger } from '../logger';
import type { Settled } from '../settled';
import type { Strategy } from '../sinks/dynamodb/update-options';

/** What a replay gives to the handler that it makes. */
export interface Injected {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly now: () => number;
  readonly logger: Logger;
  readonly publishFault: FaultPublisher;
  readonly onSettled: (settled: Settled) => void;
  readonly concurrency?: number;
  readonly strategy?: Strategy;
}
