// The vocabulary
export type { Event } from './event';
export type { Clock, Origin, Uow } from './uow';
export { OUTCOME_KINDS, type DroppedGroup, type Outcome, type OutcomeKind, type RetryReason } from './outcome';
export type { Settled, SettledPart } from './settled';
export { OplockStreamError, isOplockStreamError } from './errors';
export type { Logger } from './logger';
export { now, ttl } from './time';

// Sources
export { fromKinesis } from './sources/from-kinesis';
export { fromDynamodb } from './sources/from-dynamodb';
export type { KinesisOptions } from './sources/kinesis';
export type { DynamodbOptions } from './sources/dynamodb';
export { InvalidRecordError } from './sources/contract';
export { toKinesisRecords, type KinesisRecordsOptions } from './sources/kinesis-records';
export {
  toDynamodbKinesisRecords, toDynamodbRecords, type DynamodbKinesisRecordsOptions, type DynamodbRecordsOptions, type TableChange,
} from './sources/dynamodb-records';
export type { Source } from './sources/source';
export type { InvocationSettings } from './ledger/invocation';
export type { InvocationContext } from './ledger/deadline';

// The inverse oplock
export type { OnDelete, SidecarOptions } from './oplock/deletes/options';
export type { OplockGroup, OplockGroups } from './oplock/groups/options';
export type { KeyValue, OplockOptions, WriteRequest } from './oplock/write';
export type { DedupeItemReduction, DedupeSetReduction, Reduction, Reductions, SequenceReduction } from './oplock/reduce/options';
export { updateExpression } from './oplock/update-expression';
export { FutureEventError } from './oplock/future';
export { timestampCondition } from './oplock/timestamp-condition';
export { pkCondition } from './oplock/pk-condition';
export { fence, type Conditional, type Conditioned, type Fence } from './oplock/fence';

// Steps
export { onEventType, type EventTypeMatcher } from './steps/on-event-type';
export { onContent } from './steps/on-content';
export { onlyApplied } from './steps/only-applied';
export { mapTo } from './steps/map-to';
export { split, type SplitOptions } from './steps/split';
export { outLatched } from './steps/out-latched';
export { regressions, type RegressionsOptions } from './steps/regressions';
export type { Regression } from './oplock/regression/regression';
export { outUnchanged, type OutUnchangedOptions } from './steps/out-unchanged';

// Sinks
export { update, updateDynamoDB } from './sinks/dynamodb/update';
export type { SharedClient, UpdateOptions, Writable, Written } from './sinks/dynamodb/update-options';
export type { UpdateRequest } from './sinks/dynamodb/prepare';
export { publish } from './sinks/publish/publish';
export type { Handed, Publishable, PublishOptions } from './sinks/publish/publish-options';
export type { EventPublisher, Published } from './sinks/publish/publisher';
export type { RetryOptions } from './retry';

// Flavors and pipelines
export { materialize, type MaterializeRule, type RuleUow } from './flavors/materialize';
export { cdc, type CdcResult, type CdcRule } from './flavors/cdc';
export { reassert, type ReassertRule } from './flavors/reassert';
export type { EventFields } from './flavors/cdc-event';
export { initialize, initializeFrom, type Assembly } from './pipelines/initialize';
export { pipeline, type Flavor, type Pipeline, type PipelineFactory, type PipelineOptions, type Pipelines, type Rule, type RuleOf } from './pipelines/pipeline';
export { createHandler, type Handler, type HandlerOptions } from './pipelines/create-handler';
export { toPromise, type BatchResponse } from './pipelines/to-promise';

// Faults and metrics
export { faulty, faultyAsync, rejectWithFault, throwFault } from './faults/faulty';
export type { FaultError, FaultEvent } from './faults/fault-event';
export type { FaultPublisher } from './faults/publisher';
export type { Metrics, MetricUnit } from './metrics/metrics';
export { emf, type EmfOptions } from './metrics/emf';
export { powertools, type PowertoolsMetrics, type PowertoolsOptions } from './metrics/powertools';
