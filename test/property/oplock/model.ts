import type { Bindings } from '../../../src/oplock/condition/ast';
import { evaluate, type Item } from '../../../src/oplock/condition/evaluate';
import { parseCondition } from '../../../src/oplock/condition/parse';
import type { SingleRequest } from '../../support/plans';

export interface Answer {
  readonly applied: boolean;
  readonly item: Item | undefined;
}

/** A table of one item: it does what DynamoDB does with a rendered request, by the request's text alone. */
export const send = ({ command, input }: SingleRequest, item: Item | undefined): Answer => {
  const bindings: Bindings = { names: input.ExpressionAttributeNames, values: input.ExpressionAttributeValues };
  const condition = parseCondition(input.ConditionExpression ?? '');
  if (!condition) throw new Error('the condition does not parse');
  if (!evaluate(condition, item, bindings)) return { applied: false, item };
  if (command === 'put') return { applied: true, item: input.Item };
  const { Key: key = {}, UpdateExpression: expression = '' } = input;
  return { applied: true, item: update(item ?? key, expression, bindings) };
};

/** `SET #a=:a,#b = :b REMOVE #c`: constants only, cut at commas. */
const update = (item: Item, expression: string, { names = {}, values = {} }: Bindings): Item => {
  const result = new Map(Object.entries(item));
  const [, set = '', remove = ''] = /^(?:SET (.*?))?(?: ?REMOVE (.*))?$/.exec(expression) ?? [];
  for (const assignment of set.split(',').filter(Boolean)) {
    const [name = '', value = ''] = assignment.split('=').map((part) => part.trim());
    result.set(names[name] ?? name, values[value]);
  }
  for (const name of remove.split(',').filter(Boolean)) result.delete(names[name.trim()] ?? name);
  return Object.fromEntries(result);
};
