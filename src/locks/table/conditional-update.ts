import { bindings, equals } from './bindings';
import type { LockRequest, Row } from './request';

/** One UpdateItem, said as what becomes of which attribute. */
export interface ConditionalUpdate {
  readonly key: Row;
  readonly set?: Row;
  readonly remove?: readonly string[];
  /** Added to what is there; from 0 where there is nothing. */
  readonly add?: Readonly<Record<string, number>>;
  /** Set where there is nothing yet. */
  readonly initially?: Row;
  /** Written only where there is no such attribute (of the key: no such row). */
  readonly absent?: string;
  /** Written only where there is such an attribute. */
  readonly present?: string;
  /** Written only where all of these attributes have these values. */
  readonly equals?: Row;
  /** Written only where this attribute has another value, or none. */
  readonly differs?: readonly [attribute: string, value: unknown];
  readonly returnNew?: boolean;
}

export const conditionalUpdate = (asked: ConditionalUpdate): LockRequest => {
  const bound = bindings();
  const { name, value } = bound;
  const each = (row: Row | undefined, render: (attribute: string, one: unknown) => string): string[] => Object.entries(row ?? {}).map(([attribute, one]) => render(attribute, one));
  const clause = (keyword: string, parts: readonly string[]): string[] => (parts.length === 0 ? [] : [`${keyword} ${parts.join(', ')}`]);
  const equal = (attribute: string, one: unknown): string => equals(bound, attribute, one);

  const update = [
    ...clause('SET', [
      ...each(asked.set, equal),
      ...each(asked.initially, (attribute, one) => `${name(attribute)} = if_not_exists(${name(attribute)}, ${value(one)})`),
    ]),
    ...clause('REMOVE', (asked.remove ?? []).map(name)),
    ...clause('ADD', each(asked.add, (attribute, one) => `${name(attribute)} ${value(one)}`)),
  ].join(' ');
  const condition = [
    ...(asked.absent === undefined ? [] : [`attribute_not_exists(${name(asked.absent)})`]),
    ...(asked.present === undefined ? [] : [`attribute_exists(${name(asked.present)})`]),
    ...each(asked.equals, equal),
    ...(asked.differs ? [`(attribute_not_exists(${name(asked.differs[0])}) OR ${name(asked.differs[0])} <> ${value(asked.differs[1])})`] : []),
  ].join(' AND ');
  return {
    op: 'update',
    input: {
      Key: asked.key,
      UpdateExpression: update,
      ...(condition === '' ? {} : { ConditionExpression: condition }),
      ...bound.given(),
      ...(asked.returnNew ? { ReturnValues: 'ALL_NEW' } : {}),
    },
  };
};
