import { OplockStreamError } from 'oplock-stream';
import type { ErrorReport } from './function-messages';

/**
 * An invocation that failed: the handler threw, its time was up, or its process died. `code` is `FUNCTION_FAILED`;
 * `errorType` has Lambda's name for it, for example `Sandbox.Timedout`, `Runtime.ExitError` or the name of the
 * error thrown.
 */
export class FunctionError extends OplockStreamError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];

  constructor(functionName: string, { errorType, errorMessage, trace }: ErrorReport) {
    super('FUNCTION_FAILED', `${functionName} failed: ${errorType}: ${errorMessage}`);
    this.errorType = errorType;
    this.errorMessage = errorMessage;
    this.trace = trace;
  }
}
