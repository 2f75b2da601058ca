import { createCommands, expectedOf, httpApi, toHttp } from 'oplock-stream/bff';

const things = createCommands({ tableName: 'things' });

export const handler = httpApi({
  'PUT /things/{id}': async (request) => {
    const expected = expectedOf(request.precondition(), 'upsert');
    return toHttp(await things.upsert({ pk: request.params.id, sk: 'thing' }, request.body, { expected }), { commands: things, request });
  },
});
