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

export type { Engine, EngineName, Item } from './engines/engine';
export type { KeyAttribute, TableKey, TableSpec } from './engines/table-key';
export { tableKey } from './engines/table-key';
export { embeddedEngine } from './engines/embedded';
export { localEngine } from './engines/local';
export { endpointEngine, type EndpointOptions } from './engines/endpoint';
export { awsEngine } from './engines/aws';

export { flatten, readFixture, type StreamEvent } from './fixture/read';
export { duplicate, inBatches, shuffle } from './fixture/reorder';
export { seededRandom, type Random } from './fixture/random';
export { deliveryOrder, type OrderOptions } from './delivery-order';

export { digest } from './table/digest';
export { toPlainItems, type Plain, type PlainItem } from './table/plain';
export { diffTables, renderDiff, type ItemDiff, type TableDiff } from './table/diff';
export { readTableFile, writeTableFile } from './table/file';
