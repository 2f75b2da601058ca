import type { Attempt } from './attempt';
import type { Place, Requirement } from './requirement';

/** A PartiQL statement with its positional parameters. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** DynamoDB takes 8,192 characters; a longer one fails the whole request that it is in. */
const MAX_CHARACTERS = 8_000;

/** A name in a path. DynamoDB Local takes none that begins like a placeholder, though UpdateItem does. */
const isSayable = (name: string): boolean => !name.startsWith('#') && !name.startsWith(':');

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * The attempt as an UPDATE of an item that is there; `undefined` where PartiQL cannot say it. It does what the rendered
 * UpdateItem does, but that it fails, without an old item, where there is none.
 */
export const updateStatement = (attempt: Attempt, tableName: string): Statement | undefined => {
  if (!isSimple(attempt)) return undefined;
  const names = [...Object.keys(attempt.key), ...Object.keys(attempt.set), ...attempt.remove, ...attempt.requires.flatMap(namesIn)];
  if (!names.every(isSayable)) return undefined;
  const parameters: unknown[] = [];
  const parameter = (value: unknown): string => {
    parameters.push(value);
    return '?';
  };
  const changes = [
    ...Object.entries(attempt.set).map(([name, value]) => `SET ${quoted(name)}=${parameter(value)}`),
    ...attempt.remove.map((name) => `REMOVE ${quoted(name)}`),
  ];
  const conditions = [
    ...Object.entries(attempt.key).map(([name, value]) => `${quoted(name)}=${parameter(value)}`),
    ...attempt.requires.map((requirement) => `(${whereOf(requirement, parameter)})`),
  ];
  return withinLimit({ text: `UPDATE ${quoted(tableName)} ${changes.join(' ')} WHERE ${conditions.join(' AND ')}`, parameters });
};

/** The attempt as an INSERT of an item that is not there; `undefined` where PartiQL cannot say it, or a requirement needs an item. */
export const insertStatement = (attempt: Attempt, tableName: string): Statement | undefined => {
  if (!isSimple(attempt) || !attempt.requires.every(holdsForNone)) return undefined;
  const item = Object.entries({ ...attempt.set, ...attempt.key });
  if (!item.every(([name]) => isSayable(name))) return undefined;
  const members = item.map(([name]) => `'${name.replaceAll('\'', '\'\'')}':?`);
  return withinLimit({ text: `INSERT INTO ${quoted(tableName)} VALUE {${members.join(',')}}`, parameters: item.map(([, value]) => value) });
};

/** Counters add to attributes that may not be there yet, which PartiQL cannot say. */
const isSimple = ({ how, companions = [], add = {} }: Attempt): boolean => how === 'update' && companions.length === 0 && Object.keys(add).length === 0;

const withinLimit = (statement: Statement): Statement | undefined => (statement.text.length <= MAX_CHARACTERS ? statement : undefined);

const namesIn = (requirement: Requirement): readonly string[] => {
  if ('place' in requirement) return [requirement.place.oplock, requirement.place.tie];
  if (requirement.is === 'versioned') return requirement.places.map(({ oplock }) => oplock);
  return requirement.is === 'inEpoch' ? [requirement.attribute, requirement.keyAttribute] : [requirement.attribute];
};

const holdsForNone = (requirement: Requirement): boolean => {
  switch (requirement.is) {
    case 'there': return false;
    case 'unchanged': return requirement.at === undefined;
    default: return true;
  }
};

type Parameter = (value: unknown) => string;

/** For an item that is there: that a part of its key is missing can be left out. */
const whereOf = (requirement: Requirement, parameter: Parameter): string => {
  if ('place' in requirement) return whereOfPlace(requirement, parameter);
  if (requirement.is === 'versioned') return requirement.places.map(({ oplock }) => `${quoted(oplock)} IS NOT MISSING`).join(' OR ');
  const attribute = quoted(requirement.attribute);
  const missing = `${attribute} IS MISSING`;
  switch (requirement.is) {
    case 'inEpoch': return `${requirement.epoch === 0 ? `${missing} OR ` : ''}${attribute} = ${parameter(requirement.epoch)}`;
    case 'beforeEpoch': return `${missing} OR ${attribute} < ${parameter(requirement.epoch)}`;
    case 'absent': return missing;
    case 'differs': return `${missing} OR ${attribute} <> ${parameter(requirement.from)}`;
    case 'lower': return `${missing} OR ${attribute} < ${parameter(requirement.than)}`;
    case 'without': return `${missing} OR NOT contains(${attribute}, ${parameter(requirement.member)})`;
  }
};

const whereOfPlace = (requirement: Extract<Requirement, { place: Place }>, parameter: Parameter): string => {
  const [oplock, tie] = [quoted(requirement.place.oplock), quoted(requirement.place.tie)];
  switch (requirement.is) {
    case 'older': case 'notNewer': {
      const { at } = requirement.than;
      const older = `${oplock} IS MISSING OR ${oplock} < ${parameter(at)}`;
      return `${older} OR (${oplock} = ${parameter(at)} AND ${tie} ${requirement.is === 'older' ? '<' : '<='} ${parameter(requirement.than.tie)})`;
    }
    case 'there': return `${oplock} IS NOT MISSING`;
    case 'unchanged': {
      if (requirement.at === undefined) return `${oplock} IS MISSING`;
      const same = `${oplock} = ${parameter(requirement.at)}`;
      return `${same} AND ${requirement.tie === undefined ? `${tie} IS MISSING` : `${tie} = ${parameter(requirement.tie)}`}`;
    }
  }
};
