import { prolonged, needsTouch } from './lifetime';
import { writing, type ObjectContext } from './object-context';
import { touchRequest } from './requests';
import type { ObjectRow } from './row';

/** Asked for, so it lives on. It may fail: the value is there all the same, and the next request does it. */
export const touch = async (context: ObjectContext, key: string, row: ObjectRow): Promise<void> => {
  const wall = context.clock.wall();
  if (!needsTouch(row, wall)) return;
  const answer = await context.table.write(touchRequest(writing(context, key), row, prolonged(row, wall)));
  if (answer.kind === 'failed') context.logger.debug('the time of a shared object could not be prolonged', { key });
};
