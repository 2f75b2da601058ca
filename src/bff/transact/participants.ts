import { describeFound, isObject } from '../../found';
import { itemKey } from '../../sinks/dynamodb/item-key';
import { candidates } from '../candidates';
import { invalidCommand } from '../plan/attributes-to-set';
import type { Command } from '../plan/command';
import { storedVersion } from '../plan/next';
import type { Item } from '../result';
import type { Settings } from '../settings';
import type { Participant, Refusal } from '../transaction';
import { ABSENT, PRESENT, type ExpectedPresent, type Version } from '../version';

/** A participant with its name and table. */
export interface Named {
  readonly name: string;
  readonly tableName: string;
  readonly participant: Participant;
}

/** A participant on its way: the command that stands for it. */
export interface Part extends Named {
  readonly command: Command;
}

/** DynamoDB's limit. */
const MAX_PARTICIPANTS = 100;
const INTENTS: readonly unknown[] = ['create', 'update', 'upsert', 'remove', 'check'] satisfies Participant['intent'][];

/** Throws `INVALID_COMMAND` for none, too many, two of one name, and two of one item, which DynamoDB does not take. */
export const checkParticipants = (participants: readonly Participant[], tableName: () => string): readonly Named[] => {
  if (!Array.isArray(participants) || participants.length === 0 || participants.length > MAX_PARTICIPANTS) {
    throw invalidCommand(`transact: found ${Array.isArray(participants) ? `${participants.length} participants` : describeFound(participants)} where a list of 1 to ${MAX_PARTICIPANTS} belongs`);
  }
  const names = new Set<string>();
  const items = new Map<string, string>();
  return (participants as readonly Participant[]).map((participant, i) => {
    if (!isObject(participant) || !isObject(participant.key)) throw invalidCommand(`transact: participant ${i} has no key`);
    if (!INTENTS.includes(participant.intent)) throw invalidCommand(`transact: participant ${i} has the intent ${describeFound(participant.intent)}: it is one of ${INTENTS.join(', ')}`);
    const name = participant.name ?? String(i);
    const table = participant.tableName ?? tableName();
    const item = itemKey(table, participant.key);
    if (names.has(name)) throw invalidCommand(`transact: two participants are named "${name}"`);
    const other = items.get(item);
    if (other !== undefined) throw invalidCommand(`transact: "${other}" and "${name}" are one item, and an item can be in a transaction once only`);
    names.add(name);
    items.set(item, name);
    return { name, tableName: table, participant };
  });
};

/**
 * The command of a participant; `undefined` when what is expected does not say which version the item has: it must be
 * read for {@link commandFor}.
 */
export const commandOf = (participant: Participant, settings: Settings): Command | undefined => {
  const { key } = participant;
  if (participant.intent === 'create') return { intent: 'create', key, attributes: participant.attributes };
  const { expected } = participant;
  if (participant.intent === 'upsert' && expected === ABSENT) return { intent: 'create', key, attributes: participant.attributes };
  if (participant.intent === 'check') return { intent: 'check', key, expected: expected === ABSENT ? expected : candidates(settings, expected) ?? PRESENT };
  const [only, ...others] = candidates(settings, expected as ExpectedPresent) ?? []; // throws for ABSENT, which only a PUT or a check may expect
  return only !== undefined && others.length === 0 ? writeOf(participant, only, undefined) : undefined;
};

/** The command of a participant that goes by the item as it is, or why it is refused. */
export const commandFor = ({ name, participant }: Named, current: Item | undefined, settings: Settings): Command | Refusal => {
  const { key } = participant;
  const versions = participant.intent === 'create' ? [] : candidates(settings, participant.expected as ExpectedPresent);
  if (!current || current[settings.names.deleted] === true) return { name, key, kind: 'missing' };
  const version = storedVersion(current, settings);
  if (!versions || versions.some((one) => one === version)) return writeOf(participant, version, current);
  return { name, key, kind: 'conflict', current, ...(version !== undefined && { version }) };
};

const writeOf = (participant: Participant, version: Version | undefined, known: Item | undefined): Command => {
  const { key } = participant;
  switch (participant.intent) {
    case 'remove': return { intent: 'remove', key, version, known };
    case 'update': return { intent: 'update', key, changes: participant.changes, version, known };
    case 'upsert': return { intent: 'update', key, changes: participant.attributes, version, known };
    case 'create': case 'check': throw new TypeError(`a ${participant.intent} does not go by a version`);
  }
};
