import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as documents from '@aws-sdk/lib-dynamodb';
import type * as ClockModule from '../../../../src/locks/clock';
import type * as DecideModule from '../../../../src/locks/lease/decide';
import type * as JudgeModule from '../../../../src/locks/lease/judge';
import type * as ObservationsModule from '../../../../src/locks/lease/observations';
import type * as AcquireAllModule from '../../../../src/locks/lease/acquire-all';
import type * as LockModule from '../../../../src/locks/lease/lock';
import type * as PermitsModule from '../../../../src/locks/lease/permits';
import type * as RequestsModule from '../../../../src/locks/lease/requests';
import type * as ResumeModule from '../../../../src/locks/lease/resume';
import type { LockRequest } from '../../../../src/locks/table/request';
import type * as TableModule from '../../../../src/locks/table/lock-table';
import type { World } from './scopes';
import type { SimulationOptions } from './simulate';

export type CreateClient = SimulationOptions['createClient'];

interface Modules {
  readonly clock: typeof ClockModule;
  readonly 'lease/acquire-all': typeof AcquireAllModule;
  readonly 'lease/decide': typeof DecideModule;
  readonly 'lease/judge': typeof JudgeModule;
  readonly 'lease/lock': typeof LockModule;
  readonly 'lease/observations': typeof ObservationsModule;
  readonly 'lease/permits': typeof PermitsModule;
  readonly 'lease/requests': typeof RequestsModule;
  readonly 'lease/resume': typeof ResumeModule;
  readonly 'table/lock-table': typeof TableModule;
}

type Replacements = { readonly [M in keyof Modules]?: (original: Modules[M]) => Partial<Modules[M]> };

/** A client with one mistake in it, and a world in which that shows. */
export interface Mutant {
  readonly name: string;
  readonly world: World;
  /** One of these is found. */
  readonly breaks: readonly string[];
  readonly replace?: () => Replacements;
  readonly wrap?: (create: CreateClient) => CreateClient;
}

/** The client as it is when parts of modules are replaced. */
export const clientOf = async ({ replace, wrap = (create) => create }: Pick<Mutant, 'replace' | 'wrap'>): Promise<CreateClient> => {
  const root = '../../../../src/locks';
  // The world knows the commands that it has loaded.
  const kept = Object.entries({ '@aws-sdk/lib-dynamodb': documents, '@aws-sdk/client-dynamodb': dynamodb });
  const replacements = Object.entries(replace?.() ?? {}) as [string, (original: object) => object][];
  jest.resetModules();
  for (const [name, module] of kept) jest.doMock(name, () => module);
  for (const [module, change] of replacements) {
    jest.doMock(`${root}/${module}`, () => {
      const original = jest.requireActual<object>(`${root}/${module}`);
      return { ...original, ...change(original) };
    });
  }
  try {
    const { createLockClient } = await import('../../../../src/locks/lease/client');
    return wrap(createLockClient);
  } finally {
    for (const [module] of replacements) jest.dontMock(`${root}/${module}`);
    for (const [name] of kept) jest.dontMock(name);
  }
};

export const conditionOf = (request: LockRequest, change: (condition: string) => string): LockRequest =>
  ({ ...request, input: { ...request.input, ConditionExpression: change(request.input.ConditionExpression ?? '') } }) as LockRequest;

export const tautology = 'attribute_exists(#n0) OR attribute_not_exists(#n0)';

/** The write is executed whatever the row is. */
export const freely = (request: LockRequest): LockRequest => conditionOf(request, (condition) => `(${condition}) OR ${tautology}`);
