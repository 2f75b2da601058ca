import { conditionalUpdate } from '../table/conditional-update';
import type { LockRequest, Row } from '../table/request';
import type { Position } from './channel-types';
import { SharedRowError } from './errors';
import { collectAfter, keyOf, worn, type Layout } from './layout';
import { decode, isBytes, type Encoded } from './value';

export const versionKey = (namespace: string): string => `ver#${namespace}`;
export const messageKey = (namespace: string, version: number): string => `msg#${namespace}#${version}`;

interface Numbering {
  readonly layout: Layout;
  readonly namespace: string;
  readonly rowVersion: string;
  readonly sendId: string;
  /** For a version row that is not there yet. */
  readonly epoch: string;
}

/** The next number. Delivered twice, it is refused the second time, and the refusal shows the number. */
export const numberRequest = ({ layout, namespace, rowVersion, sendId, epoch }: Numbering): LockRequest => conditionalUpdate({
  key: keyOf(layout, versionKey(namespace)),
  set: { ...worn(layout, rowVersion), sendId },
  initially: { epoch },
  add: { v: 1 },
  differs: ['sendId', sendId],
  returnNew: true,
});

/** The number belongs to this message alone, so it may be written more than once. */
export const messageRequest = (layout: Layout, namespace: string, { epoch, version }: Position, { value, encoding }: Encoded, rowVersion: string, wall: number): LockRequest => {
  const key = keyOf(layout, messageKey(namespace, version));
  return { op: 'put', key, input: { Item: { ...key, ...worn(layout, rowVersion), epoch, value, encoding, ...collectAfter(layout, wall) } } };
};

/** @throws SharedRowError */
export const headOf = (namespace: string, row: Row | undefined): Position => {
  if (!row) return { epoch: undefined, version: 0 };
  const { epoch, v } = row;
  if (typeof epoch !== 'string' || typeof v !== 'number') throw new SharedRowError(versionKey(namespace), 'its attribute epoch or v is missing or damaged');
  return { epoch, version: v };
};

/** Undefined: it is not there, or one of another epoch, or damaged; nobody can say what it was. */
export const payloadOf = (row: Row | undefined, epoch: string | undefined): { readonly message: unknown } | undefined => {
  if (!row || row['epoch'] !== epoch) return undefined;
  const { value, encoding } = row;
  if (!isBytes(value) || (encoding !== 'json' && encoding !== 'bytes')) return undefined;
  try {
    return { message: decode({ value, encoding }) };
  } catch {
    return undefined;
  }
};

/** What a look at the version row leads to. The row is right; messages are but hints at what has changed. */
export type Due = { readonly kind: 'nothing' } | { readonly kind: 'gap' } | { readonly kind: 'messages'; readonly from: number; readonly to: number };

export const dueOf = (position: Position, head: Position, maxBehind: number): Due => {
  // There was no version row: all messages since it was made are new. Otherwise another epoch is another history.
  const known = position.epoch ?? head.epoch;
  const behind = head.version - position.version;
  if (known !== head.epoch || behind < 0 || behind > maxBehind) return { kind: 'gap' };
  return behind === 0 ? { kind: 'nothing' } : { kind: 'messages', from: position.version + 1, to: head.version };
};
