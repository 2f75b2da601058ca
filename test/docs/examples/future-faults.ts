import { toKinesisRecords, type Event, type FaultEvent } from '../../../src';

const eventOf = ({ uow }: FaultEvent): Event => uow.event as unknown as Event;

/** Of faults from the future, those whose time has come: `resubmit` takes them as they are. */
export const due = (faults: readonly FaultEvent[], now = Date.now()): FaultEvent[] =>
  faults.filter((fault) => fault.err.code === 'FUTURE_EVENT' && eventOf(fault).timestamp <= now);

/** The event at the time, epoch ms, at which it really happened: what to invoke the function with. */
export const mended = (fault: FaultEvent, timestamp: number) => toKinesisRecords([{ ...eventOf(fault), timestamp }]);
