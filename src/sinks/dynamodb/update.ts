import { accountable, invocationOf, stageOf, startStage } from '../../ledger/accountable';
import { entryOf } from '../../ledger/entry';
import { Invocation } from '../../ledger/invocation';
import { createStage } from '../../ledger/stage';
import { unordered } from '../../steps/unordered';
import { enqueue } from './job';
import { sinkOf, type OpenSink } from './sink';
import type { UpdateOptions, Writable, Written } from './update-options';
import { submit } from './write-task';

/**
 * The conditional write. Takes `uow.updateRequest` (any `UpdateCommand` input, as it is) or `uow.write` (a structured
 * write) and adds `uow.outcome`: `applied`, or why the table refused: `duplicate`, `stale`, `tombstoned`, `conflict`, `unchanged`.
 * With `oplock.groups` a write may be taken in part: `narrowed`.
 * Dropped uows flow on, so that later steps can see them (`.filter(onlyApplied)` keeps the applied ones).
 *
 * Writes of one item follow each other in the order of the events; different items never wait for each other.
 * Transient errors are retried within the invocation's time, then end as `retry`, and so does the rest of that item's
 * events; errors that retrying cannot cure end as `fault`, and events of a time too far ahead as `future`. On a stream that
 * no source made there is nobody to report these to: the error goes down the stream.
 *
 * Throws `INVALID_OPTION` at once for options that cannot be right.
 * Make the step once, outside the handler: it owns the client.
 */
export const update = (options: UpdateOptions = {}) => updateBy(sinkOf(options));

/** The step of a sink whose options are checked. */
export const updateBy = (open: OpenSink) =>
  <U extends Writable>(source: Highland.Stream<U>): Highland.Stream<U & Written> => {
    const invocation = invocationOf(source) ?? new Invocation();
    const sink = open(invocation);
    const stage = stageOf(accountable(source, invocation));
    stage?.join();
    let arrivals = 0;
    const write = unordered<U, U & Written>(
      (uow, emit, done) => {
        arrivals += 1;
        enqueue({ uow, asked: uow, sink: sink(), emit, done, entry: entryOf(uow), arrival: arrivals }, submit);
      },
      Infinity,
      () => stage?.ended(),
    );
    const output = write(source);
    startStage(output, createStage(invocation, stage?.pipeline ?? ''));
    return output;
  };

/** The same step under the name that aws-lambda-stream gives it. */
export const updateDynamoDB = update;
