import { CommandError, conditionalGet, createCommands, DomainConflictError, expectedOf, httpApi, toHttp } from 'oplock-stream/bff';

interface Seat {
  readonly price: number;
  /** Who holds the seat; nobody, when there is none. */
  readonly customer?: string;
  readonly paid?: boolean;
}

const seats = createCommands<Seat>({ discriminator: 'seat' }); // table: ENTITY_TABLE_NAME

const keyOf = ({ id = '' }: Readonly<Record<string, string>>) => ({ pk: id, sk: 'seat' });

const memberOf = (body: unknown, name: string): unknown => Object.entries(body ?? {}).find(([key]) => key === name)?.[1];

const priceOf = (body: unknown): number => {
  const price = memberOf(body, 'price');
  if (typeof price === 'number' && price >= 0) return price;
  throw new CommandError('INVALID_PRICE', 400, 'price is to be a number from 0 on');
};

/** The rule, pure: it may be asked several times. */
const hold = (seat: Seat, customer: string) => {
  if (seat.customer === undefined || seat.customer === customer) return { customer };
  throw new DomainConflictError('SEAT_TAKEN', 'somebody else has the seat');
};

export const handler = httpApi({
  // 200, or 304 when the client has this version.
  'GET /seats/{id}': async ({ params, headers }) => conditionalGet(await seats.get(keyOf(params)), headers, { commands: seats }),

  // If-None-Match: * puts the seat on sale, If-Match changes its price. 201, 200, 412, 428.
  'PUT /seats/{id}': async (request) => {
    const expected = expectedOf(request.precondition(), 'upsert');
    const offer = { price: priceOf(request.body) };
    return toHttp(await seats.upsert(keyOf(request.params), offer, { expected, ...request.command }), { commands: seats, request });
  },

  // No precondition: the rule decides, on the seat as it is. 200, 404, 409.
  'POST /seats/{id}/hold': async (request) => {
    const customer = String(memberOf(request.body, 'customer'));
    return toHttp(await seats.updateWith(keyOf(request.params), (seat) => hold(seat, customer), request.command), { commands: seats, request });
  },

  // 204, 404, 412, 428.
  'DELETE /seats/{id}': async (request) => {
    const expected = expectedOf(request.precondition(), 'update');
    return toHttp(await seats.remove(keyOf(request.params), { expected, ...request.command }), { commands: seats, request });
  },
});
