import { settle } from '../../../support/locks/fake-clock';
import { lockWorld } from '../../../support/locks/world';

test('a renewal that is under way when its lock is lost leaves no request and no timer behind', async () => {
  const world = await lockWorld();
  const locks = world.locks();
  const lock = await locks.acquire('a');
  const signals: AbortSignal[] = [];
  const { send } = world.client;
  Object.assign(world.client, { send: (_command: unknown, { abortSignal }: { abortSignal: AbortSignal }) => {
    signals.push(abortSignal);
    return new Promise(() => {});
  } });
  await world.clock.advance(2_500);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  world.clock.jumpWall(3_600_000);
  expect(lock.isHeld()).toBe(false);
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(lock.lost).toMatchObject({ reason: 'suspended' });
  Object.assign(world.client, { send });
  await locks.close();
  expect(world.clock.timers()).toBe(0);
});
