import { defined } from '../defined';
import { OplockStreamError } from '../errors';
import type { InvocationContext } from '../ledger/deadline';
import type { InvocationSettings } from '../ledger/invocation';
import type { Source } from '../sources/source';
import { prepare } from './initialize';
import type { PipelineOptions, Pipelines } from './pipeline';
import { toPromise, type BatchResponse } from './to-promise';

export interface HandlerOptions<LambdaEvent, R = unknown, SourceOptions extends object = object>
  extends PipelineOptions, Omit<InvocationSettings, 'context'> {
  /** `fromKinesis`, `fromDynamodb`, … */
  readonly source: Source<LambdaEvent, R, SourceOptions>;
  /** Options of the source. */
  readonly sourceOptions?: SourceOptions;
  /** From `initializeFrom(rules)`, or your own. */
  readonly pipelines: Pipelines;
}

export type Handler<LambdaEvent> = (event: LambdaEvent, context?: Partial<InvocationContext>) => Promise<BatchResponse>;

/**
 * The Lambda function: `export const handler = createHandler({ source: fromKinesis, pipelines, tableName })`.
 * Make it once, outside the function; it holds the client and nothing else, so invocations may overlap.
 * The event source mapping must have `ReportBatchItemFailures`.
 */
export const createHandler = <LambdaEvent, R, SourceOptions extends object>(
  options: HandlerOptions<LambdaEvent, R, SourceOptions>,
): Handler<LambdaEvent> => {
  const { source, sourceOptions, pipelines, tableName, client, concurrency, oplock, retry, fold, strategy, batchSize, now, logger, metrics, publishFault, onSettled } = options;
  if (typeof source !== 'function') throw invalid('source', 'a source, for example fromKinesis');
  if (typeof pipelines !== 'object' || pipelines === null || Array.isArray(pipelines)) throw invalid('pipelines', 'what initializeFrom(rules) returns');
  const dispatched = prepare(pipelines, defined({ client, tableName, concurrency, oplock, retry, fold, strategy, batchSize }));
  const settings = defined({ now, logger, metrics, publishFault, onSettled });

  // async: what the source throws about a wrong event is a rejection, as every other failure of an invocation.
  return async (event, context) => {
    const head = source(event, { ...(sourceOptions as SourceOptions), ...settings, ...(context && { context }) });
    return dispatched(head, true).through(toPromise);
  };
};

const invalid = (option: string, expected: string): OplockStreamError =>
  new OplockStreamError('INVALID_OPTION', `createHandler({ ${option} }) takes ${expected}`);
