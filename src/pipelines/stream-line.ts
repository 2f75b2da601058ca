import { setImmediate } from 'node:timers'; // see ledger/lanes
import _ from 'highland';
import { accountable } from '../ledger/accountable';
import { entryOf } from '../ledger/entry';
import { createStage } from '../ledger/stage';
import type { Uow } from '../uow';
import type { Line, LineEnds } from './line';
import { requireStream } from './no-stream';
import type { Pipeline } from './pipeline';

/** A pipeline that is a step of streams, with an input of its own: pipelines do not pace each other. */
export const streamLine = (id: string, pipeline: Pipeline, { invocation, emit, closed }: LineEnds): Line => {
  const input = accountable(_<Uow>(), invocation, createStage(invocation, id));
  const output = requireStream(`what pipeline "${id}" returns`, pipeline(input) as Highland.Stream<unknown>);
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    invocation.decideRest(id); // it may have no sink
    closed();
  };

  // The output first: what is written to the input then runs through the pipeline at once, in the order of the events.
  output
    .consume((error, value, _push, next) => {
      if (error) emit(error);
      else if (_.isNil(value)) return over();
      else emit(null, value);
      return next();
    })
    .resume();

  return {
    take: (uow) => {
      if (isOver || hasEnded(output)) {
        const entry = entryOf(uow);
        return entry && invocation.decide(entry); // nobody takes it: it must hold up no other
      }
      try {
        input.write(uow);
      } catch (error) {
        // A step of the user's own threw out of a `consume`: Highland cannot go on with that stream.
        invocation.raise(uow, error);
        invocation.crash(error);
      }
    },
    end: () => {
      input.end();
      // One that was destroyed does not say so; one that has ended has said so by then.
      if (hasEnded(output)) setImmediate(over);
    },
  };
};

/** Highland's own mark: also of a stream that was destroyed. */
const hasEnded = (output: Highland.Stream<unknown>): boolean => (output as { readonly ended?: boolean }).ended === true;
