import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AcquireBody } from './types';

/** What one acquisition is known by. */
export interface AcquisitionIds {
  /** The same on every node for the same principal, name and key: so a replay is recognised, whoever gets it. */
  readonly lockId: string;
  /** The part of it that does not depend on the body. */
  readonly request: string;
}

export interface Signer {
  acquisition(of: { readonly principal: string; readonly name: string; readonly key: string; readonly body: AcquireBody }): AcquisitionIds;
  /** An observation that the client may read, and brings back as it was given out. */
  sign(observation: string): string;
  /** Undefined for what was not signed here. */
  verify(signed: string): string | undefined;
  /** A cursor that the client brings back, and cannot read: it may be the name of a lock that is none of its business. */
  seal(cursor: string): string;
  /** Undefined for what was not sealed here. */
  open(sealed: string): string | undefined;
}

const ID_BYTES = 16;
const BODY_BYTES = 8;
const SIGNATURE_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Every node of a service has the same secret. */
export const createSigner = (secret: string): Signer => {
  /** The purpose keeps the signatures of one kind from being taken for those of another. */
  const digest = (purpose: string, text: string): Buffer => createHmac('sha256', secret).update(`${purpose}\0${text}`).digest();
  const mac = (purpose: string, text: string, bytes: number): string => digest(purpose, text).subarray(0, bytes).toString('base64url');
  const cursorKey = digest('cursor', 'key');

  return {
    acquisition: ({ principal, name, key, body: { owner, ttlMs, data } }) => {
      const request = mac('lock', JSON.stringify([principal, name, key]), ID_BYTES);
      // How long it waits, and what it has seen before, may differ from try to try.
      return { request, lockId: `${request}.${mac('body', JSON.stringify([owner, ttlMs, data]), BODY_BYTES)}` };
    },
    sign: (observation) => `${observation}.${mac('observation', observation, SIGNATURE_BYTES)}`,
    verify: (signed) => {
      const dot = signed.lastIndexOf('.');
      const text = signed.slice(0, Math.max(0, dot));
      const [given, wanted] = [Buffer.from(signed.slice(dot + 1)), Buffer.from(mac('observation', text, SIGNATURE_BYTES))];
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? text : undefined;
    },
    seal: (cursor) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, cursorKey, iv);
      const sealed = [iv, cipher.update(cursor, 'utf8'), cipher.final()];
      return Buffer.concat([...sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv(CIPHER, cursorKey, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES }).setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
};

/** The same request, whatever its body. */
export const isSameRequest = (acquisitionId: string | undefined, { request }: AcquisitionIds): boolean => acquisitionId?.startsWith(`${request}.`) === true;
