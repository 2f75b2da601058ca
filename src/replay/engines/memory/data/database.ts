import { Fault, invalid } from '../fault';
import { createCompiler, type Compiler } from '../expression/compile';
import type { Table } from './table';

/** All that one engine has. */
export interface Database {
  readonly tables: Map<string, Table>;
  readonly compiler: Compiler;
  /** What client request tokens stand for, and until when. */
  readonly tokens: Map<string, { readonly request: string; readonly until: number }>;
  /** Time to live, by table: remembered, never acted upon. */
  readonly timeToLive: Map<string, string>;
}

export const createDatabase = (): Database => ({ tables: new Map(), compiler: createCompiler(), tokens: new Map(), timeToLive: new Map() });

export const tableNamed = ({ tables }: Database, name: unknown): Table => {
  if (typeof name !== 'string' || name === '') throw invalid('The parameter TableName is required');
  const table = tables.get(name.startsWith('arn:') ? name.slice(name.lastIndexOf('/') + 1) : name);
  if (!table) throw new Fault('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
  return table;
};
