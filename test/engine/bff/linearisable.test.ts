import fc from 'fast-check';
import { INTENTS, playWorld, type Client, type Intent } from '../../support/bff-world';
import { describeEmbedded, describeLocal, freshTable } from '../../support/engines';

const clientsOf = (intents: readonly Intent[], maxClients: number): fc.Arbitrary<readonly Client[]> => fc.array(
  fc.record({
    steps: fc.array(fc.record({ intent: fc.constantFrom(...intents), item: fc.nat(1), again: fc.boolean() }), { minLength: 1, maxLength: 3 }),
    skew: fc.constantFrom(0, 0, -3_600_000, 5, 86_400_000),
    pace: fc.constantFrom(0, 1, -7),
  }),
  { minLength: 1, maxLength: maxClients },
);

/** The engine decides what happens at the same time; the rest is repeated by its seed. */
const randomOf = (seed: number) => (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
  return (seed >>> 0) / 2 ** 32;
};

const TROUBLES = { throttle: 0.05, serverError: 0.1, lostResponse: 0.15 };
let serial = 0;

describeEmbedded('whatever the clients, clocks and networks do', (engine) => {
  it.each([
    ['what was told is what was done', 16],
    ['nor with a short memory, where at worst it is told that nobody knows', 1],
  ])('%s', async (_what, rememberCommands) => {
    const tableName = await freshTable(engine());
    const intents = INTENTS.filter((intent) => intent !== 'transact');
    await fc.assert(fc.asyncProperty(clientsOf(intents, 4), fc.integer(), async (clients, seed) => {
      // A command that comes again must still be remembered to be recognised.
      const given = rememberCommands === 16 ? clients : clients.map((one) => ({ ...one, steps: one.steps.map((step) => ({ ...step, again: false })) }));
      const { problems } = await playWorld(engine().client, tableName, `run-${(serial += 1)}`, given, TROUBLES, randomOf(seed), { rememberCommands });
      expect(problems).toEqual([]);
    }), { numRuns: 30 });
  }, 120_000);
});

describeLocal('whatever the clients, clocks and networks do, with transactions', (engine) => {
  it('what was told is what was done, to all or none', async () => {
    const tableName = await freshTable(engine());
    await fc.assert(fc.asyncProperty(clientsOf([...INTENTS, 'transact', 'transact', 'create'], 4), fc.integer(), async (clients, seed) => {
      const { problems } = await playWorld(engine().client, tableName, `run-${(serial += 1)}`, clients, TROUBLES, randomOf(seed), { rememberCommands: 16 });
      expect(problems).toEqual([]);
    }), { numRuns: 25 });
  }, 120_000);
});
