import type { Invocation } from './invocation';

/**
 * The stretch of a stream up to its sinks. Steps of the user's own may leave events out without a word (`compact`,
 * `batch`, a `flatMap` to nothing), and later events of their keys wait for them. When all sinks have seen the end
 * of the stretch, whatever has not reached one will not come any more, and nobody needs to wait for it.
 */
export interface Stage {
  /** Id of the pipeline; empty before any pipeline. */
  readonly pipeline: string;
  /** One more sink. */
  join(): void;
  /** One of the sinks has seen the end. */
  ended(): void;
}

export const createStage = (invocation: Invocation, pipeline: string): Stage => {
  let sinks = 0;
  return {
    pipeline,
    join: () => {
      sinks += 1;
    },
    ended: () => {
      sinks -= 1;
      if (sinks === 0) invocation.decideRest(pipeline);
    },
  };
};
