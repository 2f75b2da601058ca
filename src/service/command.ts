import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  ABSENT, conditionalGet, createCommands, expectedOf, httpApi, OplockConflictError, PRESENT, toHttp, type Changes, type HttpRequest, type Item, type Route,
} from 'oplock-stream/bff';
import { hold, parseChanges, parseCustomer, parseOffer, parseSeatId, pay, release, seatKey, type Seat } from './seats/seat';

const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true } }),
  { marshallOptions: { removeUndefinedValues: true } },
);
const seats = createCommands<Seat>({ client, discriminator: 'seat' });

const item = (id: string | undefined) => {
  const { show, seat } = parseSeatId(id);
  return { show, seat, key: seatKey(`${show}.${seat}`) };
};

/**
 * What every command of this request carries: the id that makes it safe to send again, its time, and who sent it. The id
 * is that of one action: a client that holds and pays with the same Idempotency-Key means two commands.
 */
const carried = ({ command, commandId, event, method }: HttpRequest) => {
  const [, , , action = ''] = event.rawPath.split('/');
  const { authorizer } = event.requestContext as { authorizer?: { iam?: { userArn?: string }; jwt?: { claims?: Record<string, unknown> } } };
  const by = authorizer?.iam?.userArn ?? authorizer?.jwt?.claims?.['sub'];
  return { ...command, ...(commandId !== undefined && { commandId: `${method}.${action}:${commandId}` }), ...(typeof by === 'string' && { by }) };
};

/**
 * A rule of the house decides about the seat as it is written over. A client that says what it has read (If-Match) is
 * held to it first.
 */
const act = async (request: HttpRequest, rule: (seat: Seat, customer: string) => Changes<Seat>) => {
  const { key } = item(request.params['id']);
  const customer = parseCustomer(request.body);
  const expected = expectedOf(request.precondition({ required: false }), 'update');
  const decide = (seat: Item<Seat>): Changes<Seat> => {
    const version = seats.versionOf(seat);
    const isExpected = expected === PRESENT || [expected].flat().some((one) => one === version);
    if (!isExpected) throw new OplockConflictError({ kind: 'conflict', key, expected, current: seat, version, attempts: 0 });
    return rule(seat, customer);
  };
  return toHttp(await seats.updateWith(key, decide, carried(request)), { commands: seats, request });
};

export const routes: Readonly<Record<string, Route>> = {
  'GET /seats/{id}': async (request) => {
    const { key } = item(request.params['id']);
    return conditionalGet(await seats.get(key, { signal: request.signal }), request.headers, { commands: seats });
  },

  // The whole offer: `If-None-Match: *` puts the seat on sale, `If-Match` replaces the offer that was read.
  'PUT /seats/{id}': async (request) => {
    const { show, seat, key } = item(request.params['id']);
    const { price, notes } = parseOffer(request.body);
    const options = { commands: seats, request, location: `/seats/${show}.${seat}` };
    const expected = expectedOf(request.precondition(), 'upsert');
    if (expected === ABSENT) {
      return toHttp(await seats.create(key, { show, seat, status: 'free', price, ...(notes && { notes }) }, carried(request)), options);
    }
    return toHttp(await seats.update(key, { price, notes: notes ?? null }, { expected, ...carried(request) }), options);
  },

  'PATCH /seats/{id}': async (request) => {
    const { key } = item(request.params['id']);
    const expected = expectedOf(request.precondition(), 'update');
    const result = await seats.update(key, parseChanges(request.body), { expected, ...carried(request) });
    return toHttp(result, { commands: seats, request });
  },

  'DELETE /seats/{id}': async (request) => {
    const { key } = item(request.params['id']);
    const expected = expectedOf(request.precondition(), 'update');
    const result = await seats.remove(key, { expected, ...carried(request) });
    return toHttp(result, { commands: seats, request });
  },

  'POST /seats/{id}/hold': (request) => act(request, hold),
  'POST /seats/{id}/pay': (request) => act(request, pay),
  'POST /seats/{id}/release': (request) => act(request, release),

  // The view that the listener keeps: behind the desk by as long as the events take.
  'GET /shows/{show}/seats': async ({ params, query, signal }) => {
    const { Items: rows = [], LastEvaluatedKey: last } = await client.send(
      new QueryCommand({
        TableName: process.env['VIEW_TABLE_NAME'],
        KeyConditionExpression: 'pk = :show',
        ExpressionAttributeValues: { ':show': params['show'] },
        Limit: 200,
        ...(query['after'] !== undefined && { ExclusiveStartKey: { pk: params['show'], sk: query['after'] } }),
      }),
      { abortSignal: signal },
    );
    const sold = rows.filter(({ deleted }) => deleted !== true);
    return { seats: sold.map(({ sk, price, status, customer }) => ({ seat: sk as string, price: price as number, status: status as string, customer: customer as string | undefined })), next: last?.['sk'] as string | undefined };
  },
};

export const handler = httpApi(routes);
