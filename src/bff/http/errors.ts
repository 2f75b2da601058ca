import { CommandError } from '../errors';

/**
 * A rule of your own says no, whatever the version is: the seat is held by somebody else. Status 409. The message is
 * shown to the client; `code` is for its program, in the style of the toolkit's own: `SEAT_HELD`.
 */
export class DomainConflictError extends CommandError {
  override readonly name: string = 'DomainConflictError';
  constructor(code: string, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(code, 409, message, options);
  }
}

/** The request changes something and does not say which version it has seen. Code `PRECONDITION_REQUIRED`, status 428. */
export class PreconditionRequiredError extends CommandError {
  override readonly name: string = 'PreconditionRequiredError';
  constructor(message = 'the request has no If-Match. Send the ETag of the version you have read, or If-None-Match: * to create') {
    super('PRECONDITION_REQUIRED', 428, message);
  }
}

/** If-Match or If-None-Match that no version can be told from. Code `INVALID_PRECONDITION`, status 400. */
export const invalidPrecondition = (message: string): CommandError => new CommandError('INVALID_PRECONDITION', 400, message);
