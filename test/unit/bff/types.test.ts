import {
  ABSENT, createCommands, orThrow, PRESENT,
  type CommandResult, type Commands, type CreateResult, type Done, type Item, type Participant, type TransactResult, type UpdateResult, type Version,
} from '../../../src/bff';

/*
 * What the compiler must accept and refuse. `npm run check` compiles this file: each `@ts-expect-error` is an error
 * itself when the line below it compiles.
 */

interface Seat { readonly state: 'free' | 'held'; readonly holder?: string; readonly price: number }

type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends (<X>() => X extends B ? 1 : 2) ? true : false;
const sure = <Yes extends true>(yes: Yes): Yes => yes;

const key = { pk: 'a' };

export const accepted = async (seats: Commands<Seat>): Promise<void> => {
  const created = await seats.create(key, { state: 'free', price: 5 }, { by: 'anna', commandId: 'c' });
  const updated = await seats.update(key, { state: 'held', holder: null, price: undefined }, { expected: [1, 'v2'] });
  await seats.update(key, {}, { expected: PRESENT });
  await seats.upsert(key, { price: 4 }, { expected: ABSENT });
  await seats.updateWith(key, ({ price, timestamp }) => (typeof timestamp === 'number' ? { price: price + 1 } : undefined), { deadline: { getRemainingTimeInMillis: () => 5 } });

  sure<Same<typeof created, CreateResult<Seat>>>(true);
  sure<Same<typeof created.kind, 'applied' | 'alreadyApplied' | 'alreadyExists'>>(true);
  sure<Same<typeof updated, UpdateResult<Seat>>>(true);
  sure<Same<typeof updated.kind, 'applied' | 'alreadyApplied' | 'conflict' | 'missing'>>(true);
  const any: CommandResult<Seat> = Math.random() < 0.5 ? created : updated;
  void any;
  const loose = createCommands();
  await loose.update(key, { whatever: null }, { expected: 1 });
  sure<Same<CommandResult['kind'], 'applied' | 'alreadyApplied' | 'conflict' | 'missing' | 'alreadyExists'>>(true);
  const done: Done<Seat> = orThrow(created);
  const state: 'free' | 'held' = done.item.state;
  void state;
  if (created.kind === 'applied') sure<Same<typeof created.version, Version>>(true);
  if (created.kind === 'alreadyExists') sure<Same<typeof created.current, Item<Seat>>>(true);
  if (updated.kind === 'conflict') sure<Same<typeof updated.current, Item<Seat>>>(true);

  const together = await seats.transact([{ intent: 'create', key, attributes: {} }]);
  sure<Same<typeof together, TransactResult>>(true);
  if (together.kind === 'rejected') sure<Same<typeof together.refusals[0]['kind'], 'conflict' | 'missing' | 'alreadyExists'>>(true);
};

export const refused = async (seats: Commands<Seat>): Promise<void> => {
  // @ts-expect-error an attribute is missing
  await seats.create(key, { state: 'free' });
  // @ts-expect-error no such state
  await seats.update(key, { state: 'sold' }, { expected: 1 });
  // @ts-expect-error no such attribute
  await seats.update(key, { row: 5 }, { expected: 1 });
  // @ts-expect-error without its price it would be no seat
  await seats.update(key, { price: null }, { expected: 1 });
  // @ts-expect-error what is expected must be said
  await seats.update(key, { price: 5 });
  // @ts-expect-error also here
  await seats.remove(key, { by: 'anna' });
  // @ts-expect-error who has read nothing can update nothing
  await seats.update(key, { price: 5 }, { expected: ABSENT });
  await seats.upsert(key, { price: 5 }, { expected: PRESENT });
  // @ts-expect-error the version of what was read may be undefined
  await seats.update(key, { price: 5 }, { expected: seats.versionOf({}) });
  // @ts-expect-error the change must be there at once: it may be asked several times
  await seats.updateWith(key, async () => ({ price: 5 }));
  // @ts-expect-error no such intent
  const participant: Participant = { intent: 'delete', key, expected: 1 };
  // @ts-expect-error a check writes nothing
  const check: Participant = { intent: 'check', key, expected: 1, changes: {} };
  // @ts-expect-error get may have found nothing
  void (await seats.get(key)).state;
  // @ts-expect-error an item is for reading
  orThrow(await seats.force(key, {})).item.state = 'held';
  void participant;
  void check;
};

it('commands of a type can be made without any option', () => {
  expect(Object.keys(createCommands<Seat>()).sort()).toEqual(
    ['create', 'etagOf', 'force', 'get', 'remove', 'transact', 'update', 'updateWith', 'upsert', 'versionOf', 'withoutManaged'],
  );
});
