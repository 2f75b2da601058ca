import { CommandError, DomainConflictError } from 'oplock-stream/bff';

/** A seat of a show, as the desk sells it. */
export interface Seat {
  readonly show: string;
  readonly seat: string;
  /** In cents. */
  readonly price: number;
  readonly status: 'free' | 'held' | 'paid';
  /** Who holds it, or has paid. */
  readonly customer?: string;
  /** What the desk wrote down about it. */
  readonly notes?: readonly string[];
}

/** What the desk may change by hand; the rest follows from holding, paying and releasing. */
export type Offer = Pick<Seat, 'price' | 'notes'>;

const ID = /^([a-z0-9-]{1,80})\.([A-Z]{1,2}[0-9]{1,3})$/;

/** `opera.A12`: the show and the seat. Throws a 400. */
export const parseSeatId = (id = ''): { readonly show: string; readonly seat: string } => {
  const [, show, seat] = ID.exec(id) ?? [];
  if (show === undefined || seat === undefined) throw new CommandError('INVALID_SEAT', 400, 'a seat is named by show and seat, for example opera.A12');
  return { show, seat };
};

export const seatKey = (id: string) => ({ pk: id, sk: 'seat' });

/** Throws a 400 that names the member. */
export const parseOffer = (body: unknown): Offer => {
  const { price, notes } = objectOf(body);
  if (!Number.isSafeInteger(price) || (price as number) < 0) throw invalid('price', 'cents, an integer from 0 on');
  if (notes !== undefined && !(Array.isArray(notes) && notes.length <= 500 && notes.every((note) => typeof note === 'string' && note.length <= 200))) {
    throw invalid('notes', 'a list of at most 500 texts of at most 200 characters');
  }
  return { price: price as number, ...(notes !== undefined && { notes: notes as string[] }) };
};

/** Some members of an offer. */
export const parseChanges = (body: unknown): Partial<Offer> => {
  const { price, notes } = objectOf(body);
  const offer = parseOffer({ price: price ?? 0, notes });
  return { ...(price !== undefined && { price: offer.price }), ...(offer.notes && { notes: offer.notes }) };
};

/** Throws a 400. */
export const parseCustomer = (body: unknown): string => {
  const { customer } = objectOf(body);
  if (typeof customer !== 'string' || !/^[\w.@-]{1,80}$/.test(customer)) throw invalid('customer', 'a name of letters, digits, and . @ _ -');
  return customer;
};

/** The rules of the house, pure: from the seat as it is, to what changes. They throw a 409 for what they do not allow. */
export const hold = (seat: Seat, customer: string) => {
  if (seat.status === 'free' || (seat.status === 'held' && seat.customer === customer)) return { status: 'held', customer } as const;
  throw new DomainConflictError(seat.status === 'paid' ? 'SEAT_PAID' : 'SEAT_HELD', `the seat is ${seat.status} by somebody else`);
};

export const pay = (seat: Seat, customer: string) => {
  if (seat.status !== 'free' && seat.customer === customer) return { status: 'paid' } as const;
  throw new DomainConflictError(seat.status === 'free' ? 'SEAT_NOT_HELD' : 'SEAT_HELD', 'only who holds the seat can pay for it');
};

export const release = (seat: Seat, customer: string) => {
  if (seat.status === 'free') return {};
  if (seat.customer === customer) return { status: 'free', customer: null } as const;
  throw new DomainConflictError('SEAT_HELD', 'only who has the seat can release it');
};

const objectOf = (body: unknown): Readonly<Record<string, unknown>> => {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Readonly<Record<string, unknown>>;
  throw new CommandError('INVALID_BODY', 400, 'the body is to be a JSON object');
};

const invalid = (member: string, expected: string): CommandError => new CommandError('INVALID_BODY', 400, `${member} is to be ${expected}`);
