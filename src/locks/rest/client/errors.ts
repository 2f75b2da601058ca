import { OplockStreamError } from '../../../errors';
import { quote } from '../../../found';
import type { RestProblem } from '../types';

/** The lock service does not do what was asked, and will not next time either. `code` is `LOCK_SERVICE_REFUSED`. */
export class RestLockError extends OplockStreamError {
  override readonly name: string = 'RestLockError';
  readonly status: number;
  /** What the service has said; its `code` tells what it is about. */
  readonly problem: Partial<RestProblem>;

  constructor(lock: string, status: number, problem: Partial<RestProblem>) {
    super('LOCK_SERVICE_REFUSED', `the lock service refused a request for ${quote(lock)} with ${status}${problem.code === undefined ? '' : ` ${problem.code}`}: ${problem.detail ?? 'it did not say why; is this its address?'}`, {
      details: { key: lock, status, ...(problem.code === undefined ? {} : { problem: problem.code }) },
    });
    this.status = status;
    this.problem = problem;
  }
}
