import { OplockStreamError } from 'oplock-stream';
import type { ResourceReference, TableDefinition } from './service-definition';

/** The resources of serverless.yml, as CloudFormation has them. */
export type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: object } | undefined>>;

interface TableProperties {
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' | 'B' }[];
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: 'HASH' | 'RANGE' }[];
  readonly StreamSpecification?: { readonly StreamViewType: string };
  readonly TimeToLiveSpecification?: { readonly AttributeName: string; readonly Enabled: boolean };
}

/** `where` names the place in serverless.yml for the error `INVALID_SERVICE`. */
export const reference = (value: unknown, where: string): ResourceReference => {
  const { Ref: ref, 'Fn::GetAtt': getAtt } = (value ?? {}) as { readonly Ref?: unknown; readonly 'Fn::GetAtt'?: readonly unknown[] };
  if (typeof ref === 'string') return { resource: ref };
  if (Array.isArray(getAtt) && getAtt.length === 2) return { resource: String(getAtt[0]), attribute: String(getAtt[1]) };
  throw new OplockStreamError('INVALID_SERVICE', `serverless.yml: ${where} is neither a text nor a !Ref or !GetAtt: only these can be resolved locally.`);
};

/** The tables, with what a local engine can make of them. */
export const tablesOf = (resources: Resources): readonly TableDefinition[] =>
  Object.entries(resources).flatMap(([resource, definition]) =>
    definition?.Type === 'AWS::DynamoDB::Table' ? [tableOf(resource, definition.Properties as TableProperties)] : []);

const tableOf = (resource: string, { AttributeDefinitions: attributes, KeySchema: keys, StreamSpecification: stream, TimeToLiveSpecification: ttl }: TableProperties): TableDefinition => {
  const keyOf = (kind: 'HASH' | 'RANGE'): TableDefinition['partitionKey'] | undefined => {
    const name = keys.find(({ KeyType }) => KeyType === kind)?.AttributeName;
    const type = attributes.find(({ AttributeName }) => AttributeName === name)?.AttributeType;
    return name === undefined || type === undefined ? undefined : { name, type };
  };
  const partitionKey = keyOf('HASH');
  const sortKey = keyOf('RANGE');
  if (!partitionKey) throw new OplockStreamError('INVALID_SERVICE', `serverless.yml: the table ${resource} has no HASH key with a type: add it to KeySchema and AttributeDefinitions.`);
  return {
    resource,
    partitionKey,
    ...(sortKey && { sortKey }),
    ...(stream && { stream: stream.StreamViewType }),
    ...(ttl?.Enabled === true && { ttlAttribute: ttl.AttributeName }),
  };
};
