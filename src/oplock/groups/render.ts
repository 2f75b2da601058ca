import { withinLimit, type RenderedWrite } from '../render/update-item';
import type { GroupAttempt, Requirement } from './attempt';

/**
 * The request for an attempt. As for writes without groups, every name and value stands behind a placeholder that is
 * made here, and a refusal returns the old item.
 *
 * @throws OplockStreamError `INVALID_WRITE` when the write names more attributes than an expression has room for
 */
export const renderAttempt = (attempt: GroupAttempt, tableName: string): RenderedWrite => {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = { ':o': attempt.oplock.at, ':t': attempt.oplock.tie };
  const conditions = attempt.requires.map((requirement, i) => {
    const [oplock, tie] = [`#o${i}`, `#t${i}`];
    const { expression, values: own = {} } = conditionOf(requirement, oplock, tie);
    names[oplock] = requirement.place.oplock;
    if (expression.includes(tie)) names[tie] = requirement.place.tie;
    Object.assign(values, own);
    return `(${expression})`;
  });
  const common = {
    TableName: tableName, ConditionExpression: conditions.join(' AND '), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
  if (attempt.how === 'put') return { command: 'put', input: { ...common, Item: { ...attempt.set, ...attempt.key } } };
  return { command: 'update', input: { ...common, Key: { ...attempt.key }, UpdateExpression: updateOf(attempt, names, values) } };
};

/** `:ro` and `:rt` are what was read; at most one place of an attempt needs them. */
const conditionOf = (requirement: Requirement, oplock: string, tie: string): { readonly expression: string; readonly values?: Record<string, unknown> } => {
  switch (requirement.is) {
    case 'older': return { expression: `attribute_not_exists(${oplock}) OR ${oplock} < :o OR (${oplock} = :o AND ${tie} < :t)` };
    case 'notNewer': return { expression: `attribute_not_exists(${oplock}) OR ${oplock} < :o OR (${oplock} = :o AND ${tie} <= :t)` };
    case 'there': return { expression: `attribute_exists(${oplock})` };
    case 'unchanged': {
      if (requirement.at === undefined) return { expression: `attribute_not_exists(${oplock})` };
      const known = { ':ro': requirement.at };
      return requirement.tie === undefined
        ? { expression: `${oplock} = :ro AND attribute_not_exists(${tie})`, values: known }
        : { expression: `${oplock} = :ro AND ${tie} = :rt`, values: { ...known, ':rt': requirement.tie } };
    }
  }
};

const updateOf = ({ set, remove }: GroupAttempt, names: Record<string, string>, values: Record<string, unknown>): string => {
  let count = 0;
  const placeholder = (name: string): string => {
    const index = (count++).toString(36);
    names[`#n${index}`] = name;
    return index;
  };
  const assignments = Object.entries(set).map(([name, value]) => {
    const index = placeholder(name);
    values[`:v${index}`] = value;
    return `#n${index}=:v${index}`;
  });
  const removals = remove.map((name) => `#n${placeholder(name)}`);
  return withinLimit(`SET ${assignments.join(',')} REMOVE ${removals.join(',')}`, count);
};
