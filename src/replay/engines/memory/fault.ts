import { OplockStreamError } from '../../../errors';

/** What DynamoDB would answer instead of a result: `name` as the service has it, `fields` beside the message. */
export class Fault extends Error {
  constructor(override readonly name: string, message: string, readonly fields: Readonly<Record<string, unknown>> = {}) {
    super(message);
  }
}

export const invalid = (message: string): Fault => new Fault('ValidationException', message);

export const isInvalid = (error: unknown): error is Fault => error instanceof Fault && error.name === 'ValidationException';

export const conditionFailed = (fields: Readonly<Record<string, unknown>> = {}): Fault =>
  new Fault('ConditionalCheckFailedException', 'The conditional request failed', fields);

/** Not DynamoDB's answer, but this engine's: it has no such thing. */
export const unsupported = (what: string): OplockStreamError => new OplockStreamError(
  'MEMORY_ENGINE_UNSUPPORTED',
  `The in-memory engine has no ${what}: it is a test double. Use localEngine(), or embeddedEngine(), for a test that needs it.`,
);

/** Refuses the parameters of a request that this engine would otherwise ignore in silence. */
export const refuse = (input: object, names: readonly string[]): void => {
  for (const name of names) {
    const given = (input as Readonly<Record<string, unknown>>)[name];
    if (given !== undefined && given !== null) throw unsupported(`parameter ${name}`);
  }
};
