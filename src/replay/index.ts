/**
 * Replay recorded stream events into a table: `import { replay, embeddedEngine } from 'oplock-stream/replay'`.
 * @module
 */
export { replay, type ReplayOptions } from './replay';
export type { Injected } from './injected';
export type { ReplaySource } from './source';
export { reportOf, type ReplayFault, type ReplayReport, type ReplayResult } from './report';
export { renderReport } from './render-report';
export { createProgress, type Progress, type Terminal } from './progress';
export { deliverBatch, recordIdentifier, recordsToRetry, type Delivery, type MappingOptions, type StreamHandler } from './mapping';

export { eventSourceMapping, type DrainOptions, type EventSourceMapping } from './event-source/event-source-mapping';
export type { ErrorPlace, EventSourceMappingOptions, SourceHandler } from './event-source/options';
export type { MappingStats } from './event-source/stats';
export type { BatchInfo, FailureCondition, OnFailureRecord } from './event-source/on-failure';
export type { FilterCriteria } from './event-source/filter/criteria';
export { kinesisStream, type KinesisReader, type KinesisStreamOptions } from './event-source/kinesis-stream';
export { dynamodbStream, type DynamodbStreamOptions, type DynamodbStreamsReader } from './event-source/dynamodb-stream';
export type { Page, ReadFrom, RecordFacts, Shard, StreamSource } from './event-source/stream-source';

export type { Engine, EngineConnection, EngineName, Item } from './engines/engine';
export type { KeyAttribute, StreamViewType, TableKey, TableSpec } from './engines/table-key';
export { tableKey } from './engines/table-key';
export { memoryEngine } from './engines/memory';
export { embeddedEngine } from './engines/embedded';
export { localEngine } from './engines/local';
export { endpointEngine, type EndpointOptions } from './engines/endpoint';
export { awsEngine } from './engines/aws';
export { kinesisEngine, type KinesisConnection, type KinesisEngine, type KinesisEngineOptions } from './engines/kinesis';

export { flatten, readFixture, type StreamEvent } from './fixture/read';
export { duplicate, inBatches, shuffle } from './fixture/reorder';
export { seededRandom, type Random } from './fixture/random';
export { itemStory, type StoryOptions } from './story/item-story';
export { renderStory } from './story/render-story';
export type { Chapter, Story } from './story/story';
export { deliveryOrder, type OrderOptions } from './delivery-order';

export { digest } from './table/digest';
export { toPlainItems, type Plain, type PlainItem } from './table/plain';
export { diffTables, renderDiff, type ItemDiff, type TableDiff } from './table/diff';
export { readTableFile, writeTableFile } from './table/file';

export { converge } from './converge/converge';
export type { ConvergeOptions, ConvergeSettings, ConvergeSubject } from './converge/options';
export type { ConvergeCause, ConvergeFailure, ConvergeReport, Explanation } from './converge/report';
export type { History, Trouble } from './converge/history';
export type { TroubleKind } from './troubles/trouble';
export { renderConverge } from './converge/render';
export { toConverge, type MatcherResult } from './converge/matcher';
export { specification, type Given, type SpecificationOptions, type Then, type When } from './converge/specification';
