import { isOplockStreamError } from '../../errors';

/**
 * The status that an error says it has, when it is the client's fault: `statusCode` (this toolkit, Express, API
 * Gateway) or `status` (Hono). Not of the SDK's errors: that a table refused our request is no fault of the client.
 * Also 503 of the toolkit's own: a command that was stopped, or found no end of other writers, may be sent again.
 */
export const statusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const { statusCode, status, expose, $metadata, $fault } = error as Readonly<Record<string, unknown>>;
    const own = isClientError(statusCode) ? statusCode : status;
    if (statusCode === 503 && isOplockStreamError(error)) return statusCode;
    const shown = isOplockStreamError(error) || ($metadata === undefined && $fault === undefined && expose !== false);
    return shown && isClientError(own) ? own : undefined;
  } catch {
    return undefined; // its getters throw
  }
};

const isClientError = (status: unknown): status is number => Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 499;
