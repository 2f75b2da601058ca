import type { UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { KinesisStreamRecord } from 'aws-lambda';
import type { ThingEvent } from '../lib/things';

/** What anybody would write by hand, with the same condition as all the others. */
export const readEvent = ({ kinesis: { data } }: KinesisStreamRecord): ThingEvent => JSON.parse(Buffer.from(data, 'base64').toString('utf8')) as ThingEvent;

export const toUpdate = (tableName: string, { thing: { id, ...attributes }, timestamp }: ThingEvent): UpdateCommandInput => {
  const names: Record<string, string> = { '#oplock': 'timestamp' };
  const values: Record<string, unknown> = { ':timestamp': timestamp };
  const sets = ['#oplock = :timestamp'];
  for (const [name, value] of Object.entries(attributes)) {
    names[`#${name}`] = name;
    values[`:${name}`] = value;
    sets.push(`#${name} = :${name}`);
  }
  return {
    TableName: tableName,
    Key: { pk: id, sk: 'thing' },
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    UpdateExpression: `SET ${sets.join(', ')}`,
    ConditionExpression: 'attribute_not_exists(#oplock) OR #oplock < :timestamp',
  };
};

export const toStatement = (tableName: string, { thing: { id, ...attributes }, timestamp }: ThingEvent) => {
  const sets = Object.keys(attributes).map((name) => `"${name}" = ?`).join(', ');
  return {
    Statement: `UPDATE "${tableName}" SET ${sets}, "timestamp" = ? WHERE "pk" = ? AND "sk" = ? AND ("timestamp" IS MISSING OR "timestamp" < ?)`,
    Parameters: [...Object.values(attributes), timestamp, id, 'thing', timestamp],
  };
};
