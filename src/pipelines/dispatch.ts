import { setImmediate } from 'node:timers'; // see ledger/lanes
import _ from 'highland';
import { accountable, invocationOf, stageOf } from '../ledger/accountable';
import { entryOf, type Entry } from '../ledger/entry';
import { Invocation } from '../ledger/invocation';
import { createStage } from '../ledger/stage';
import { onEventType } from '../steps/on-event-type';
import { ENTRY, type Uow } from '../uow';
import { requireStream } from './no-stream';
import type { Pipeline } from './pipeline';

interface Named {
  readonly id: string;
  readonly pipeline: Pipeline;
}

/** One pipeline at work on one stream. */
interface Line {
  readonly id: string;
  readonly input: Highland.Stream<Uow>;
  readonly output: Highland.Stream<unknown>;
  /** It takes no more events: it ended early, or was destroyed. */
  isOver: boolean;
}

/** Types are few; a producer that makes them up must not fill the memory. */
const CACHE_LIMIT = 1000;

/**
 * Aims each event at the pipelines that want its type. Which ones is found out once for each type, so the cost grows
 * with the matches and not with the rules. Pipelines do not pace each other: each has its own stream.
 */
export const dispatch = (pipelines: readonly Named[]) => {
  const wants = pipelines.map(({ pipeline }) => (pipeline.eventType === undefined ? () => true : onEventType(pipeline.eventType)));

  return <U extends Uow>(head: Highland.Stream<U>): Highland.Stream<unknown> => {
    const invocation = invocationOf(requireStream('what pipelines are put behind', head)) ?? new Invocation();
    const stage = stageOf(head);
    stage?.join(); // as a sink does: beyond, the pipelines are on their own
    const matches = new Map<string, readonly number[]>();
    const matching = (uow: Uow): readonly number[] => {
      const { type } = uow.event;
      let found = matches.get(type);
      if (!found) {
        found = wants.flatMap((want, i) => (want(uow) ? [i] : []));
        if (matches.size >= CACHE_LIMIT) matches.clear();
        matches.set(type, found);
      }
      return found;
    };

    const output = _<unknown>((push) => {
      // The head counts as one more, so that an empty list of pipelines ends too.
      let open = pipelines.length + 1;
      const close = () => {
        open -= 1;
        if (open === 0) push(null, _.nil);
      };
      const end = (line: Line) => {
        if (line.isOver) return;
        line.isOver = true;
        invocation.decideRest(line.id); // it may have no sink
        close();
      };

      // Outputs first: what is written to an input then runs through its pipeline at once, in the order of the events.
      const lines = pipelines.map(({ id, pipeline }): Line => {
        const input = accountable(_<Uow>(), invocation, createStage(invocation, id));
        const line = { id, input, output: requireStream(`what pipeline "${id}" returns`, pipeline(input) as Highland.Stream<unknown>), isOver: false };
        line.output
          .consume((error, value, _push, next) => {
            if (error) push(error);
            else if (_.isNil(value)) return end(line);
            else push(null, value);
            return next();
          })
          .resume();
        return line;
      });

      head
        .consume((error, uow, _push, next) => {
          if (error) push(error);
          else if (_.isNil(uow)) {
            stage?.ended();
            for (const line of lines) {
              line.input.end();
              // One that was destroyed does not say so; one that has ended has said so by then.
              if (hasEnded(line)) setImmediate(() => end(line));
            }
            return close();
          } else {
            try {
              deliver(invocation, uow, matching(uow).map((i) => lines[i] as Line));
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

/** Highland's own mark: also of a stream that was destroyed. */
const hasEnded = ({ output }: Line): boolean => (output as { readonly ended?: boolean }).ended === true;

const deliver = (invocation: Invocation, uow: Uow, lines: readonly Line[]): void => {
  const entry = entryOf(uow);
  const entries: readonly Entry[] = entry ? invocation.fork(entry, lines.map(({ id }) => id)) : [];
  lines.forEach((line, i) => {
    const { id, input } = line;
    const mine = entries[i];
    if (line.isOver || hasEnded(line)) return mine && invocation.decide(mine); // nobody takes it: it must hold up no other
    const given = mine ? { ...uow, pipeline: id, [ENTRY]: mine } : { ...uow, pipeline: id };
    try {
      input.write(given);
    } catch (error) {
      // A step of the user's own threw out of a `consume`: Highland cannot go on with that stream.
      invocation.raise(given, error);
      invocation.crash(error);
    }
  });
};
