import { describeFound, isObject } from '../../found';
import { itemKey } from '../../sinks/dynamodb/item-key';
import { candidates } from '../candidates';
import type { CommandRun, Executor } from '../executor';
import { invalidCommand } from '../plan/attributes-to-set';
import type { Command } from '../plan/command';
import { storedVersion } from '../plan/next';
import { includesCommand } from '../plan/recent-commands';
import type { Item } from '../result';
import { callTable, getItem } from '../send';
import type { Participant, Refusal } from '../transaction';
import { ABSENT, PRESENT, type ExpectedPresent, type Version } from '../version';

/** A participant on its way: the command that stands for it, and where it goes. */
export interface Part {
  readonly name: string;
  readonly tableName: string;
  readonly discriminator: string | undefined;
  readonly command: Command;
}

/** DynamoDB's limit. */
const MAX_PARTICIPANTS = 100;

/** Throws `INVALID_COMMAND` for none, too many, two of one name, and two of one item, which DynamoDB does not take. */
export const checkParticipants = (participants: readonly Participant[], tableName: () => string): readonly { readonly name: string; readonly tableName: string; readonly participant: Participant }[] => {
  if (!Array.isArray(participants) || participants.length === 0 || participants.length > MAX_PARTICIPANTS) {
    throw invalidCommand(`transact: found ${Array.isArray(participants) ? `${participants.length} participants` : describeFound(participants)} where a list of 1 to ${MAX_PARTICIPANTS} belongs`);
  }
  const names = new Set<string>();
  const items = new Map<string, string>();
  return (participants as readonly Participant[]).map((participant, i) => {
    if (!isObject(participant) || !isObject(participant.key)) throw invalidCommand(`transact: participant ${i} has no key`);
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

/** The command of a participant; reads the item when what is expected does not say which version it has. */
export const toPart = async (
  executor: Executor, run: CommandRun, { name, tableName, participant }: ReturnType<typeof checkParticipants>[number],
): Promise<Part | { readonly refusal: Refusal } | { readonly applied: Item }> => {
  const { key, discriminator } = participant;
  const part = (command: Command): Part => ({ name, tableName, discriminator, command });
  if (participant.intent === 'create') return part({ intent: 'create', key, attributes: participant.attributes });
  if (participant.intent === 'check') {
    const { expected } = participant;
    return part({ intent: 'check', key, expected: expected === ABSENT ? expected : candidates(executor.settings, expected) ?? PRESENT });
  }
  const { expected } = participant;
  if (participant.intent === 'upsert' && expected === ABSENT) return part({ intent: 'create', key, attributes: withoutNulls(participant.attributes) });
  const make = (version: Version | undefined, known?: Item): Part => {
    if (participant.intent === 'remove') return part({ intent: 'remove', key, version, known });
    return part({ intent: 'update', key, changes: participant.intent === 'update' ? participant.changes : participant.attributes, version, known });
  };
  const versions = candidates(executor.settings, expected as ExpectedPresent);
  const [only, ...others] = versions ?? [];
  if (only !== undefined && others.length === 0) return make(only);
  const current = await callTable(run, (signal) => getItem(executor.client(), tableName, key, { consistent: true, signal }));
  if (current && includesCommand(current, executor.settings.names.recentCommands, run.id)) return { applied: current };
  if (!current || executor.isDeleted(current)) return { refusal: { name, key, kind: 'missing' } };
  const version = storedVersion(current, executor.settings);
  if (!versions || versions.some((one) => one === version)) return make(version, current);
  return { refusal: { name, key, kind: 'conflict', current, ...(version !== undefined && { version }) } };
};

const withoutNulls = (attributes: object): object =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));
