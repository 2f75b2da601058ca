import { entryOf } from '../ledger/entry';
import type { Line, LineEnds } from '../pipelines/line';
import { enqueue } from '../sinks/dynamodb/job';
import type { OpenSink } from '../sinks/dynamodb/sink';
import { submit } from '../sinks/dynamodb/write-task';
import type { Writable } from '../sinks/dynamodb/update-options';
import { atMost } from '../steps/at-most';
import { CONCURRENT_MAPPINGS } from '../steps/map-to';
import type { Uow } from '../uow';

interface Way {
  /** Which of the events; absent: all. */
  readonly wanted: ((uow: never) => boolean) | undefined;
  /** Where `map`'s result goes. */
  readonly field: 'write' | 'updateRequest';
  readonly map: (uow: Uow) => Asked | PromiseLike<Asked>;
  readonly open: OpenSink;
}

type Asked = Writable['write'] | Writable['updateRequest'];

/** Filter, map and write: what the streams of `materialize` do, event by event. */
export const directLine = ({ wanted, field, map, open }: Way, { invocation, emit, quiet, closed }: LineEnds): Line => {
  const sink = open(invocation, quiet);
  let working = 0;
  let ended = false;
  let arrivals = 0;

  const done = (): void => {
    working -= 1;
    invocation.end();
    if (ended && working === 0) closed();
  };
  const fail = (uow: Uow, error: unknown): void => {
    emit(invocation.raise(uow, error).error);
    done();
  };
  const write = (uow: Uow, value: Asked): void => {
    arrivals += 1;
    const asked: Writable = { [field]: value };
    enqueue({ uow: quiet ? uow : { ...uow, ...asked }, asked, sink: sink(), emit, done, entry: entryOf(uow), arrival: arrivals }, submit);
  };
  const mapped = atMost(map, CONCURRENT_MAPPINGS, { succeed: write, fail });

  return {
    take: (uow) => {
      working += 1;
      invocation.begin();
      try {
        if (wanted?.(uow as never) === false) {
          const entry = entryOf(uow);
          if (entry) invocation.settle(entry, { kind: 'filtered' });
          return done();
        }
      } catch (error) {
        return fail(uow, error);
      }
      mapped(uow);
    },
    end: () => {
      ended = true;
      if (working === 0) closed();
    },
  };
};
