import { createExpression, type Expression } from '../expression';
import { fitsExpression, updateText, type RenderedWrite } from '../attempt/render';
import { conditionOf } from '../attempt/requirement';
import { normaliseValue } from '../value/normalise';
import { memberOf } from '../value/type';
import type { Reassertion } from './regression';
import { placesOf, stampOf, type Row, type Rows } from './rows';

/**
 * The request for a re-assertion. Every oplock of the row, and its epoch, must be what it was found to be, and the row must
 * be there: what is gone stays gone. An update, which leaves alone what it does not name; the row as a whole when an update has no room
 * for so many names.
 *
 * @throws OplockStreamError `INVALID_WRITE` for an attribute that the SDK cannot write, `ITEM_TOO_LARGE`
 */
export const renderReassertion = ({ key, rows, current, set, remove }: Reassertion, tableName: string): RenderedWrite => {
  const expression = createExpression();
  const [partitionKey = ''] = Object.keys(key);
  const conditions = [
    `attribute_exists(${expression.name(partitionKey)})`,
    ...placesOf(rows).map((place) => {
      const { at, tie } = stampOf(current, place) ?? { at: undefined, tie: undefined };
      return conditionOf({ is: 'unchanged', place, at, tie }, expression);
    }),
    ...epochConditions(current, rows, expression),
  ];
  const common = { TableName: tableName, ConditionExpression: conditions.join(' AND '), ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  const conditionOnly = expression.attributes();
  const given = storable(set);
  const update = updateText({ set: given, remove }, expression);
  if (fitsExpression(update)) return { command: 'update', input: { ...common, Key: { ...key }, UpdateExpression: update, ...expression.attributes() } };
  const kept = Object.fromEntries(Object.entries(current).filter(([attribute]) => !remove.includes(attribute)));
  return { command: 'put', input: { ...common, Item: { ...storable(kept), ...given, ...key }, ...conditionOnly } };
};

/** Replayed into another epoch, the row may have the very oplocks that it had. */
const epochConditions = (current: Row, { attributes: { epoch } }: Rows, { name, value }: Expression): readonly string[] => {
  if (epoch === undefined) return [];
  const stored = memberOf(current, epoch);
  return [stored === undefined ? `attribute_not_exists(${name(epoch)})` : `${name(epoch)} = ${value(stored)}`];
};

const storable = (attributes: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const size = { bytes: 0 };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, normaliseValue(value, ['the row', name], size)]));
};
