import type { Attempt } from './attempt';
import type { Place, Requirement } from './requirement';
import type { StatementTexts } from './statement-texts';

/** A PartiQL statement with its positional parameters. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** DynamoDB takes 8,192 characters; a longer one fails the whole request that it is in. */
const MAX_CHARACTERS = 8_000;

/** A name in a path. DynamoDB Local takes none that begins like a placeholder, though UpdateItem does. */
const isSayable = (name: string): boolean => !name.startsWith('#') && !name.startsWith(':');

const quoted = (name: string): string => `"${name.includes('"') ? name.replaceAll('"', '""') : name}"`;

/**
 * The attempt as an UPDATE of an item that is there; `undefined` where PartiQL cannot say it. It does what the rendered
 * UpdateItem does, but that it fails, without an old item, where there is none.
 */
export const updateStatement = (attempt: Attempt, tableName: string, texts: StatementTexts): Statement | undefined => {
  if (!isSayableAsUpdate(attempt)) return undefined;
  const { key, set, requires } = attempt;
  const parameters: unknown[] = [];
  for (const name of Object.keys(set)) parameters.push(set[name]);
  for (const name of Object.keys(key)) parameters.push(key[name]);
  for (const requirement of requires) parametersOf(requirement, parameters);
  return withinLimit({ text: texts.of(attempt, tableName, () => textOfUpdate(attempt, tableName)), parameters });
};

const textOfUpdate = ({ key, set, remove, requires }: Attempt, tableName: string): string => {
  const changes = [...Object.keys(set).map((name) => `SET ${quoted(name)}=?`), ...remove.map((name) => `REMOVE ${quoted(name)}`)];
  const conditions = [...Object.keys(key).map((name) => `${quoted(name)}=?`), ...requires.map((requirement) => `(${whereOf(requirement)})`)];
  return `UPDATE ${quoted(tableName)} ${changes.join(' ')} WHERE ${conditions.join(' AND ')}`;
};

/** The attempt as an INSERT of an item that is not there; `undefined` where PartiQL cannot say it, or a requirement needs an item. */
export const insertStatement = (attempt: Attempt, tableName: string): Statement | undefined => {
  if (!isSayableAsUpdate(attempt) || !attempt.requires.every(holdsForNone)) return undefined;
  const item = Object.entries({ ...attempt.set, ...attempt.key });
  const members = item.map(([name]) => `'${name.includes('\'') ? name.replaceAll('\'', '\'\'') : name}':?`);
  return withinLimit({ text: `INSERT INTO ${quoted(tableName)} VALUE {${members.join(',')}}`, parameters: item.map(([, value]) => value) });
};

/** More may have no room in an UpdateItem, whose expression is shorter: a write is not to depend on who goes with it. */
const MAX_NAMES = 250;

const isSayableAsUpdate = (attempt: Attempt): boolean => {
  const { key, set, remove, requires } = attempt;
  if (!isSimple(attempt) || remove.length > MAX_NAMES) return false;
  let names = remove.length;
  for (const name of Object.keys(set)) {
    names += 1;
    if (names > MAX_NAMES || !isSayable(name)) return false;
  }
  for (const name of Object.keys(key)) if (!isSayable(name)) return false;
  return remove.every(isSayable) && requires.every((requirement) => namesIn(requirement).every(isSayable));
};

/** Counters add to attributes that may not be there yet, which PartiQL cannot say. */
const isSimple = ({ how, companions, add }: Attempt): boolean =>
  how === 'update' && (!companions || companions.length === 0) && (!add || Object.keys(add).length === 0);

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

/** For an item that is there: that a part of its key is missing can be left out. */
const whereOf = (requirement: Requirement): string => {
  if ('place' in requirement) return whereOfPlace(requirement);
  if (requirement.is === 'versioned') return requirement.places.map(({ oplock }) => `${quoted(oplock)} IS NOT MISSING`).join(' OR ');
  const attribute = quoted(requirement.attribute);
  const missing = `${attribute} IS MISSING`;
  switch (requirement.is) {
    case 'inEpoch': return `${requirement.epoch === 0 ? `${missing} OR ` : ''}${attribute} = ?`;
    case 'beforeEpoch': case 'lower': return `${missing} OR ${attribute} < ?`;
    case 'absent': return missing;
    case 'differs': return `${missing} OR ${attribute} <> ?`;
    case 'without': return `${missing} OR NOT contains(${attribute}, ?)`;
  }
};

const whereOfPlace = (requirement: Extract<Requirement, { place: Place }>): string => {
  const [oplock, tie] = [quoted(requirement.place.oplock), quoted(requirement.place.tie)];
  switch (requirement.is) {
    case 'older': case 'notNewer':
      return `${oplock} IS MISSING OR ${oplock} < ? OR (${oplock} = ? AND ${tie} ${requirement.is === 'older' ? '<' : '<='} ?)`;
    case 'there': return `${oplock} IS NOT MISSING`;
    case 'unchanged':
      if (requirement.at === undefined) return `${oplock} IS MISSING`;
      return `${oplock} = ? AND ${requirement.tie === undefined ? `${tie} IS MISSING` : `${tie} = ?`}`;
  }
};

/** What stands for the question marks of `whereOf`, in their order. */
const parametersOf = (requirement: Requirement, parameters: unknown[]): void => {
  switch (requirement.is) {
    case 'older': case 'notNewer': {
      const { at, tie } = requirement.than;
      return void parameters.push(at, at, tie);
    }
    case 'unchanged':
      if (requirement.at !== undefined) parameters.push(requirement.at, ...(requirement.tie === undefined ? [] : [requirement.tie]));
      return;
    case 'inEpoch': case 'beforeEpoch': return void parameters.push(requirement.epoch);
    case 'differs': return void parameters.push(requirement.from);
    case 'lower': return void parameters.push(requirement.than);
    case 'without': return void parameters.push(requirement.member);
    case 'there': case 'versioned': case 'absent':
  }
};
