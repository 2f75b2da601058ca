import { hashKey } from 'oplock-stream/locks';

/** Keys of the lock service for this machine; anybody may know them. */
export const LOCAL_KEYS = { user: 'local-user-key', admin: 'local-admin-key' } as const;

/** In place of what a deployment has in SSM and Secrets Manager. */
export const localLockEnvironment = (): Readonly<Record<string, string>> => ({
  LOCK_KEYS: JSON.stringify([{ id: 'you', sha256: hashKey(LOCAL_KEYS.user) }, { id: 'admin', role: 'admin', sha256: hashKey(LOCAL_KEYS.admin) }]),
  LOCK_SECRET: 'a secret that is none, for this machine',
});
