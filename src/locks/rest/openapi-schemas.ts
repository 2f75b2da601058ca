import type { RestContext } from './context';
import { MAX_WAIT_MS } from './input';
import { PROBLEM_CODES } from './problem';

/** JSON Schema, the dialect of OpenAPI 3.1. */
export type Schema = Readonly<Record<string, unknown>>;

const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more });
const ms = (description: string, more: Schema = {}): Schema => ({ type: 'integer', minimum: 0, description, ...more });
const object = (required: readonly string[], properties: Schema): Schema => ({ type: 'object', additionalProperties: false, required, properties });

const owner = text('`<principal>/<owner>` for locks of this service; whatever other clients call themselves');
const leaseMs = ms('How long the lock stays taken after its last renewal');
const breaking = { type: 'boolean', description: 'An admin has broken it: nobody can renew it, and it is free when the lease is over' };
const fencingToken = { type: 'integer', minimum: 1, description: 'Grows with each acquisition; only where no Java client uses the table' };

/** The components of the description. */
export const schemasOf = ({ limits: { minTtlMs, maxTtlMs, maxDataBytes }, leaseMs: defaultTtlMs }: RestContext): Readonly<Record<string, Schema>> => {
  const ttlMs = { type: 'integer', minimum: minTtlMs, maximum: maxTtlMs };
  return {
    Acquire: object([], {
      owner: text('Which of your processes: for people', { maxLength: 128 }),
      ttlMs: { ...ttlMs, default: defaultTtlMs, description: 'How long the lock stays taken when its holder dies' },
      waitMs: ms('How long to wait for a lock that somebody holds', { maximum: MAX_WAIT_MS, default: 0 }),
      data: text('Kept with the lock, for people and for the next holder', { maxLength: maxDataBytes }),
      observation: text('Of an earlier 423'),
    }),
    Renew: object([], { ttlMs: { ...ttlMs, description: 'Another lease from now on; asks for If-Match' } }),
    Grant: object(['name', 'lockId', 'leaseMs'], {
      name: text('Of the lock'),
      lockId: text('For the header Lock-Token: a secret'),
      fencingToken,
      leaseMs: ms('Count it from before the request was sent'),
    }),
    Holder: object(['owner', 'leaseMs', 'breaking'], { owner, leaseMs, breaking }),
    Lock: object(['name', 'owner', 'leaseMs', 'remainingMs', 'version', 'breaking'], {
      name: text('Of the lock'),
      owner,
      leaseMs,
      remainingMs: ms('Until the lease is over if nobody renews it, as far as this node has seen: it can be less'),
      version: text('Changes with every renewal: the ETag without its quotes'),
      breaking,
      fencingToken,
      data: text('Absent where the row has none, or what is no text'),
    }),
    LockList: object(['locks', 'skipped'], {
      locks: { type: 'array', items: { $ref: '#/components/schemas/Lock' } },
      next: text('There may be more: `?after=` this'),
      skipped: { type: 'integer', minimum: 0, description: 'Rows that are no locks, or damaged ones' },
    }),
    Breaking: object(['name', 'owner', 'retryAfterMs'], { name: text('Of the lock'), owner, retryAfterMs: ms('When it is free at the latest') }),
    Problem: object(['type', 'title', 'status', 'code', 'detail'], {
      type: text('Always `about:blank`'),
      title: text('Of the status'),
      status: { type: 'integer' },
      code: { enum: PROBLEM_CODES, description: 'What programs test' },
      detail: text('What to do, for people'),
      retryAfterMs: ms('The header Retry-After, more exactly'),
      holder: { $ref: '#/components/schemas/Holder' },
      observation: text('Send it with the next try: what this node has seen need not be watched again'),
      reason: { enum: ['stolen', 'released', 'broken'], description: 'Why the lock is not held any more' },
    }),
  };
};
