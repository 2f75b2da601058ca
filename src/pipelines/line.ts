import type { Invocation } from '../ledger/invocation';
import type { Emit } from '../steps/unordered';
import type { Uow } from '../uow';
import type { Pipeline } from './pipeline';

/**
 * What a pipeline does with one event, without a stream. Streams are for people: each stage of one costs little, but a
 * handler's events go through half a dozen of them, and are copied at each.
 */
export interface Line {
  /** Takes the next event, which is one of its types. Never throws. */
  take(uow: Uow): void;
  /** No more events come. */
  end(): void;
}

/** Where a line leads. */
export interface LineEnds {
  readonly invocation: Invocation;
  /** What the stream of the pipeline would give, and its errors. */
  readonly emit: Emit<unknown>;
  /** Nobody looks at what it gives but at the errors. */
  readonly quiet: boolean;
  /** To be called once, when all is through. */
  readonly closed: () => void;
}

export type OpenLine = (ends: LineEnds) => Line;

const LINE = Symbol.for('oplock-stream.line');

/** Not enumerable: a pipeline that is made of another by copying its fields does something else than that one. */
export const withLine = (pipeline: Pipeline, open: OpenLine): Pipeline => Object.defineProperty(pipeline, LINE, { value: open });

export const lineOf = (pipeline: Pipeline): OpenLine | undefined => (pipeline as { readonly [LINE]?: OpenLine })[LINE];
