import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Database } from '../data/database';
import { project, type PathTree } from '../expression/path-tree';
import type { UpdateAction } from '../expression/update-ast';
import { invalid } from '../fault';
import type { PlainItem } from '../value/decode';
import { encodeMap } from '../value/encode';
import { decide, planWrite, type Write, type WriteInput, type WriteKind } from './write';

const UPDATE_RETURNS = ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'];
const OTHER_RETURNS = ['NONE', 'ALL_OLD'];

const attributes = (item: PlainItem | undefined): Record<string, AttributeValue> | undefined =>
  (item && Object.keys(item).length > 0 ? encodeMap(item) : undefined);

/** PutItem, UpdateItem, DeleteItem. */
export const writeItem = (kind: Exclude<WriteKind, 'ConditionCheck'>) => (database: Database, input: WriteInput): object => {
  const returns = input.ReturnValues ?? 'NONE';
  if (!(kind === 'Update' ? UPDATE_RETURNS : OTHER_RETURNS).includes(returns)) throw invalid(`ReturnValues cannot be ${returns} here`);
  const Attributes = perform(planWrite(database, kind, input), returns);
  return Attributes ? { Attributes } : {};
};

/** Carries a write out, and gives what it was asked to return. */
export const perform = (write: Write, returns: string): Record<string, AttributeValue> | undefined => {
  const { stored, next } = decide(write);
  write.table.set(write.place, next);
  switch (returns) {
    case 'ALL_OLD': return attributes(stored);
    case 'ALL_NEW': return attributes(next);
    case 'UPDATED_OLD': return attributes(stored && write.updated && project(stored, touched(write.updated)));
    case 'UPDATED_NEW': return attributes(next && write.updated && project(next, touched(write.updated)));
    default: return undefined;
  }
};

const below = <K>(children: ReadonlyMap<K, PathTree<UpdateAction>> | undefined): Map<K, PathTree<true>> | undefined =>
  children && new Map([...children].map(([step, tree]) => [step, touched(tree)]));

const touched = ({ leaf, members, elements }: PathTree<UpdateAction>): PathTree<true> => {
  const [names, indexes] = [below(members), below(elements)];
  return { ...(leaf && { leaf: true as const }), ...(names && { members: names }), ...(indexes && { elements: indexes }) };
};
