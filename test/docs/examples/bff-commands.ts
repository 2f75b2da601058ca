import { createCommands, type Version } from 'oplock-stream/bff';

interface Seat {
  readonly price: number;
  /** Who holds the seat; nobody, when there is none. */
  readonly customer?: string;
  readonly paid?: boolean;
}

const seats = createCommands<Seat>({ discriminator: 'seat' });

const keyOf = (id: string) => ({ pk: id, sk: 'seat' });

export const read = (id: string) => seats.get(keyOf(id));

export const putOnSale = (id: string, price: number) => seats.create(keyOf(id), { price });

export const changePrice = (id: string, price: number, expected: Version) => seats.update(keyOf(id), { price }, { expected });

/** `null` removes an attribute, `undefined` leaves it as it is. */
export const release = (id: string, expected: Version) => seats.update(keyOf(id), { customer: null, paid: null }, { expected });

export const takeOffSale = (id: string, expected: Version) => seats.remove(keyOf(id), { expected });

/** For the operator who knows better than the data. */
export const repair = (id: string, price: number) => seats.force(keyOf(id), { price }, { by: 'operator' });
