import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AcquireBody } from './types';

/** What one acquisition is known by. */
export interface AcquisitionIds {
  /** The same on every node for the same principal, name and key: so a replay is recognised, whoever gets it. */
  readonly lockId: string;
  /** The part of it that does not depend on the body. */
  readonly request: string;
}

/** What a client is given to bring back. */
export type Purpose = 'observation' | 'cursor';

export interface Signer {
  acquisition(of: { readonly principal: string; readonly name: string; readonly key: string; readonly body: AcquireBody }): AcquisitionIds;
  /** Text that comes back from the client, and only as it was given out, for what it was given out. */
  sign(purpose: Purpose, text: string): string;
  /** Undefined for what was not signed here, or for something else. */
  verify(purpose: Purpose, signed: string): string | undefined;
}

const ID_BYTES = 16;
const BODY_BYTES = 8;
const SIGNATURE_BYTES = 16;

/** Every node of a service has the same secret. */
export const createSigner = (secret: string): Signer => {
  /** The purpose keeps the signatures of one kind from being taken for those of another. */
  const mac = (purpose: string, text: string, bytes: number): string =>
    createHmac('sha256', secret).update(`${purpose}\0${text}`).digest().subarray(0, bytes).toString('base64url');

  return {
    acquisition: ({ principal, name, key, body: { owner, ttlMs, data } }) => {
      const request = mac('lock', JSON.stringify([principal, name, key]), ID_BYTES);
      // How long it waits, and what it has seen before, may differ from try to try.
      return { request, lockId: `${request}.${mac('body', JSON.stringify([owner, ttlMs, data]), BODY_BYTES)}` };
    },
    sign: (purpose, text) => `${text}.${mac(purpose, text, SIGNATURE_BYTES)}`,
    verify: (purpose, signed) => {
      const dot = signed.lastIndexOf('.');
      const text = signed.slice(0, Math.max(0, dot));
      const [given, wanted] = [Buffer.from(signed.slice(dot + 1)), Buffer.from(mac(purpose, text, SIGNATURE_BYTES))];
      return given.length === wanted.length && timingSafeEqual(given, wanted) ? text : undefined;
    },
  };
};

/** The same request, whatever its body. */
export const isSameRequest = (acquisitionId: string | undefined, { request }: AcquisitionIds): boolean => acquisitionId?.startsWith(`${request}.`) === true;
