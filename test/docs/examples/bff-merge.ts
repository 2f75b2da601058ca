import { changesBetween, createCommands, DomainConflictError, merge, orThrow } from 'oplock-stream/bff';

interface Seat {
  readonly price: number;
  readonly notes?: string;
  readonly view?: 'free' | 'restricted';
}

const seats = createCommands<Seat>({ discriminator: 'seat' });

/** `base` is what the editor was shown, `mine` what came back. */
export const save = async (id: string, base: Seat, mine: Seat) => {
  const { item } = orThrow(await seats.updateWith({ pk: id, sk: 'seat' }, (current) => {
    const theirs = seats.withoutManaged(current);
    const { merged, unresolved } = merge(base, mine, theirs);
    if (unresolved.length > 0) throw new DomainConflictError('SEAT_EDITED', `somebody else has changed ${unresolved.map(({ field }) => field).join(', ')}`);
    return changesBetween(theirs, merged, ['pk', 'sk']);
  }));
  return seats.withoutManaged(item);
};
