import { createCommands, orThrow, PRESENT, type Version } from 'oplock-stream/bff';

const seats = createCommands({ discriminator: 'seat' });

/** The customer moves from one seat to another while the show is still on. All of it, or none. */
export const move = async (show: string, customer: string, from: { id: string; version: Version }, to: { id: string; version: Version }, commandId: string) => {
  const result = await seats.transact([
    { name: 'show', intent: 'check', key: { pk: show, sk: 'show' }, expected: PRESENT },
    { name: 'from', intent: 'update', key: { pk: from.id, sk: 'seat' }, changes: { customer: null }, expected: from.version },
    { name: 'to', intent: 'update', key: { pk: to.id, sk: 'seat' }, changes: { customer }, expected: to.version },
  ], { commandId });
  return orThrow(result).versions; // or TransactionRejectedError, whose `refusals` say who refused, and why
};
