import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { TranslateConfig } from '@aws-sdk/lib-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

type Members = Readonly<Record<string, unknown>>;

/** A function of one value; a function is no value, as for the document client. */
const eachMember = (of: (value: unknown) => unknown) => (members: Members): Members => {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(members)) {
    const value = members[name];
    if (value !== undefined && typeof value !== 'function') result[name] = of(value);
  }
  return result;
};

/** Of the named members of a request or an answer, when they are there. */
const within = (names: readonly string[], of: (value: Members) => unknown) => (whole: Members): Members => {
  const result: Record<string, unknown> = { ...whole };
  for (const name of names) if (result[name] !== undefined && result[name] !== null) result[name] = of(result[name] as Members);
  return result;
};

/** Of each member of a list. */
const each = (of: (value: Members) => unknown) => (list: Members): unknown => (list as unknown as readonly Members[]).map(of);

export interface Translation {
  /** Plain values to typed ones. */
  readonly request: (input: Members) => Members;
  /** And back. */
  readonly answer: (output: Members) => Members;
}

/** What the document client does to the parts of a request that hold values. */
export const createTranslation = ({ marshallOptions, unmarshallOptions }: TranslateConfig): Translation => {
  const [to, from] = [{ convertTopLevelContainer: true, ...marshallOptions }, { convertWithoutMapWrapper: true, ...unmarshallOptions }];
  const marshallMembers = eachMember((value) => marshall(value, to));
  const unmarshallMembers = eachMember((value) => unmarshall(value as Record<string, AttributeValue>, from));
  const values = within(['Key', 'Item', 'ExpressionAttributeValues', 'ExclusiveStartKey'], marshallMembers);
  const one = within(['Put', 'Update', 'Delete', 'ConditionCheck', 'Get'], values);
  const found = within(['Item', 'Attributes', 'LastEvaluatedKey'], unmarshallMembers);
  const failed = within(['Error'], found);
  const parameters = within(['Parameters'], each((value) => marshall(value, to)));
  const request = within(['TransactItems'], each(one));
  const statements = within(['Statements'], each(parameters));
  const items = within(['Items'], each(unmarshallMembers));
  const responses = within(['Responses'], each((response) => failed(found(response))));
  return {
    request: (input) => statements(values(request(input))),
    answer: (output) => responses(items(found(output))),
  };
};
