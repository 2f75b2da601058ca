import type { StreamHandler } from '../mapping';
import type { Life, World } from './troubled-client';

/**
 * A function whose processes die as the world has it. An invocation then fails with `ProcessDied`, and the next one gets
 * a new process. `start` makes the handler of a process, with its client.
 */
export const mortalHandler = (world: World, start: (life: Life) => StreamHandler): StreamHandler => {
  const begin = () => {
    const life = world.begin();
    return { life, handler: start(life) };
  };
  let process = begin();
  return async (event) => {
    world.startInvocation(event.Records.length);
    const { life, handler } = process;
    const answer = async (): Promise<unknown> => {
      const response = await handler(event);
      if (!life.isOver() && world.plan.diesUnanswered?.()) life.end();
      return life.isOver() ? life.death : response;
    };
    try {
      return await Promise.race([answer(), life.death]);
    } finally {
      if (life.isOver()) process = begin();
    }
  };
};
