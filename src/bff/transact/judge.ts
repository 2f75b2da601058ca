import { fromAttributeMap, type AttributeMap } from '../../attribute-value';
import { OplockStreamError } from '../../errors';
import { classifyError } from '../../faults/classify';
import { CommandError } from '../errors';
import { invalidCommand } from '../plan/attributes-to-set';
import { explain } from '../plan/explain';
import { storedVersion } from '../plan/next';
import type { Planned } from '../plan/plan';
import { versionMadeBy } from '../plan/recent-commands';
import type { Item } from '../result';
import { LACKS_LIST, TOO_LARGE } from '../send';
import type { Settings } from '../settings';
import type { Refusal } from '../transaction';
import type { Version } from '../version';
import { commandFor, commandOf, type Part } from './participants';

/** Why DynamoDB cancelled, for one participant; their order is that of the request. */
export interface Reason {
  readonly Code?: string;
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

/** What the reasons mean for one participant: it may try again, perhaps after a read, was applied before, or refused. */
export type Judgement = { readonly next: Part } | { readonly read: Part } | { readonly applied: Version | undefined } | { readonly refusal: Refusal };

/** Throws for a reason that another try does not cure. Pure. */
export const judge = (part: Part, planned: Planned, { Code: code = 'None', Message: message, Item: item }: Reason, settings: Settings): Judgement => {
  if (code === 'None' || classifyError({ name: code }) === 'transient') return { next: part };
  if (code === 'ConditionalCheckFailed') return judgeItem(part, planned, item && fromAttributeMap(item), settings);
  if (planned.shifts && LACKS_LIST.test(message ?? '')) return { read: part };
  const text = `transact: DynamoDB refused the whole for "${part.name}" (${code}: ${message ?? 'no reason given'}). Nothing was written`;
  if (TOO_LARGE.test(message ?? '')) throw new CommandError('ITEM_TOO_LARGE', 413, text);
  if (code === 'ValidationError') throw invalidCommand(text);
  throw new OplockStreamError('TRANSACTION_FAILED', text, { details: { participant: part.name, reason: code } });
};

/** By the item that was there, or is there now. */
export const judgeItem = (part: Part, planned: Planned, old: Item | undefined, settings: Settings): Judgement => {
  const why = explain(planned, old, settings);
  if (why === 'alreadyApplied') return { applied: old && versionMadeBy(old, settings, planned.id) };
  if (why === 'again') return { next: { ...part, command: { ...part.command, known: old } } };
  // What goes by the item as it is goes by the item as it has become.
  if (why === 'conflict' && commandOf(part.participant, settings) === undefined) {
    const command = commandFor(part, old, settings);
    return 'intent' in command ? { next: { ...part, command } } : { refusal: command };
  }
  const version = old && storedVersion(old, settings);
  return { refusal: { name: part.name, key: part.command.key, kind: why, ...(old && why !== 'missing' && { current: old, ...(version !== undefined && { version }) }) } };
};
