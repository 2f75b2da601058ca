import _ from 'highland';
import { accountable, invocationOf, stageOf } from '../ledger/accountable';
import { entryOf, type Entry } from '../ledger/entry';
import { Invocation } from '../ledger/invocation';
import { onEventType } from '../steps/on-event-type';
import type { Emit } from '../steps/unordered';
import { ENTRY, type Uow } from '../uow';
import { lineOf, type Line, type LineEnds } from './line';
import { requireStream } from './no-stream';
import type { Pipeline } from './pipeline';
import { streamLine } from './stream-line';

interface Named {
  readonly id: string;
  readonly pipeline: Pipeline;
}

interface NamedLine extends Line {
  readonly id: string;
}

/** Types are few; a producer that makes them up must not fill the memory. */
const CACHE_LIMIT = 1000;

/** Puts pipelines behind a source. `quiet`: nobody looks at what they give, but at the errors. */
export type Dispatch = <U extends Uow>(head: Highland.Stream<U>, quiet?: boolean) => Highland.Stream<unknown>;

/**
 * Aims each event at the pipelines that want its type. Which ones is found out once for each type, so the cost grows
 * with the matches and not with the rules. Pipelines do not pace each other.
 */
export const dispatch = (pipelines: readonly Named[]): Dispatch => {
  const wants = pipelines.map(({ pipeline }) => (pipeline.eventType === undefined ? () => true : onEventType(pipeline.eventType)));

  return <U extends Uow>(head: Highland.Stream<U>, quiet = false) => {
    const invocation = invocationOf(requireStream('what pipelines are put behind', head)) ?? new Invocation();
    const stage = stageOf(head);
    stage?.join(); // as a sink does: beyond, the pipelines are on their own

    const output = _<unknown>((push) => {
      // The head counts as one more, so that an empty list of pipelines ends too.
      let open = pipelines.length + 1;
      const closed = () => {
        open -= 1;
        if (open === 0) push(null, _.nil);
      };
      const ends: LineEnds = { invocation, quiet, closed, emit: contained(invocation, push) };
      const lines = pipelines.map(({ id, pipeline }): NamedLine => Object.assign(lineOf(pipeline)?.(ends) ?? streamLine(id, pipeline, ends), { id }));

      const matches = new Map<string, readonly NamedLine[]>();
      const matching = (uow: Uow): readonly NamedLine[] => {
        const { type } = uow.event;
        let found = matches.get(type);
        if (!found) {
          found = lines.filter((_line, i) => wants[i]?.(uow));
          if (matches.size >= CACHE_LIMIT) matches.clear();
          matches.set(type, found);
        }
        return found;
      };

      head
        .consume((error, uow, _push, next) => {
          if (error) push(error);
          else if (_.isNil(uow)) {
            stage?.ended();
            for (const line of lines) line.end();
            return closed();
          } else {
            try {
              deliver(invocation, uow, matching(uow), quiet);
            } catch (thrown) {
              // An eventType that is a function threw.
              push(invocation.raise(uow, thrown).error);
            }
          }
          return next();
        })
        .resume();
    });
    return accountable(output, invocation);
  };
};

/** What a consumer behind the pipelines throws ends the invocation: it may come from a callback, where nobody catches it. */
const contained = (invocation: Invocation, push: (error: Error | null, value?: unknown) => void): Emit<unknown> => (error, value) => {
  try {
    if (error) push(error);
    else push(null, value);
  } catch (thrown) {
    if (!invocation.onCrash) throw thrown;
    invocation.crash(thrown);
  }
};

const deliver = (invocation: Invocation, uow: Uow, lines: readonly NamedLine[], quiet: boolean): void => {
  const entry = entryOf(uow);
  const entries: readonly Entry[] = entry ? invocation.fork(entry, lines.map(({ id }) => id), quiet) : []; // nobody sees the stream of a quiet one
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] as NamedLine;
    line.take(named(uow, line.id, entries[i]));
  }
};

/** The uow of a pipeline. What comes straight from a source is written down, which is several times faster than any copy. */
const named = (uow: Uow, pipeline: string, entry: Entry | undefined): Uow => {
  if (!entry) return { ...uow, pipeline } as Uow;
  const { record, event, origin } = uow;
  return (isOfSource(uow) ? { record, event, origin, pipeline, [ENTRY]: entry } : { ...uow, pipeline, [ENTRY]: entry }) as Uow;
};

const isOfSource = (uow: object): boolean => {
  let fields = 0;
  for (const name in uow) {
    if (name !== 'record' && name !== 'event' && name !== 'origin') return false;
    fields += 1;
  }
  return fields === 3;
};
