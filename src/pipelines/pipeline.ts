import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { OplockOptions } from '../oplock/write';
import type { RetryOptions } from '../retry';
import type { EventTypeMatcher } from '../steps/on-event-type';
import type { SharedClient, Strategy } from '../sinks/dynamodb/update-options';
import type { Uow } from '../uow';

/** Options that a handler gives to all its pipelines; a rule's own come first. */
export interface PipelineOptions {
  readonly tableName?: string;
  /** Default: one document client for all pipelines that write, with sane timeouts. */
  readonly client?: DynamoDBDocumentClient;
  /** See `update()`. `initialize` makes it: give it on to the sinks of your own pipelines. */
  readonly shared?: SharedClient;
  /** Writes under way at once in an invocation, of all pipelines with the same number together. Default 16. */
  readonly concurrency?: number;
  readonly oplock?: OplockOptions;
  readonly retry?: RetryOptions;
  /** Several events of one item become one write where they can. Default true. */
  readonly fold?: boolean;
  /** See `update()`. Default `auto`. */
  readonly strategy?: Strategy;
  /** See `update()`. Default 25. */
  readonly batchSize?: number;
}

/** A stream of whatever a pipeline ends in. Highland's type is invariant, so `Stream<unknown>` would refuse them all. */
export type AnyStream = Pick<Highland.Stream<unknown>, 'resume' | 'pause' | 'destroy'>;

/** A step that a dispatcher can aim at: with an `eventType` it only gets the events of these types. */
export interface Pipeline {
  (stream: Highland.Stream<Uow>): AnyStream;
  readonly eventType?: EventTypeMatcher;
}

/** What `initialize` takes: the options of the handler in, the pipeline out. A plain step-maker will do. */
export type PipelineFactory = (options: PipelineOptions & { readonly id: string }) => Pipeline;

export type Pipelines = Readonly<Record<string, PipelineFactory>>;

/** Turns a rule into a pipeline: `materialize`, or one of your own. */
export type Flavor = (rule: never) => Pipeline;

/** A rule is data: an id, a flavor, and the fields that this flavor takes. */
export interface Rule<F extends Flavor = Flavor> {
  /** Unique: names the pipeline in metrics and faults. */
  readonly id: string;
  readonly flavor: F;
}

/** A rule with all the fields of its flavor. */
export type RuleOf<F extends Flavor> = Rule<F> & (F extends (rule: infer R) => Pipeline ? R : never);

/** Gives a step its event types, so that events are dispatched to it by type. */
export const pipeline = (
  eventType: EventTypeMatcher | undefined,
  step: (stream: Highland.Stream<Uow>) => AnyStream,
): Pipeline => Object.assign((stream: Highland.Stream<Uow>) => step(stream), eventType === undefined ? {} : { eventType });
