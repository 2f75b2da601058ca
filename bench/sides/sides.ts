import type { MakeListener } from './settings';

export type Group = 'ours' | 'peer' | 'limit';

export interface Side {
  /** Whose it is: the toolkit's, another one's, or what can be had at best. */
  readonly group: Group;
  readonly label: string;
  /** Loaded in the process that runs it, and in no other. */
  readonly load: () => Promise<MakeListener>;
}

/** Everybody who takes part. A row picks from these. */
export const SIDES = {
  'ours': { group: 'ours', label: 'oplock-stream', load: async () => (await import('./ours')).documented },
  'ours-single': { group: 'ours', label: 'oplock-stream, strategy single', load: async () => (await import('./ours')).single },
  'ours-unfolded': { group: 'ours', label: 'oplock-stream, single, fold: false', load: async () => (await import('./ours')).unfolded },
  'als': { group: 'peer', label: 'aws-lambda-stream, as documented', load: async () => (await import('./aws-lambda-stream')).documented },
  'als-best': { group: 'peer', label: 'aws-lambda-stream, best setting', load: async () => (await import('./aws-lambda-stream')).best },
  'als-compact': { group: 'peer', label: 'aws-lambda-stream, compact', load: async () => (await import('./aws-lambda-stream')).compact },
  'powertools': { group: 'peer', label: 'powertools batch, as documented', load: async () => (await import('./powertools')).documented },
  'powertools-best': { group: 'peer', label: 'powertools batch, best setting', load: async () => (await import('./powertools')).best },
  'loop': { group: 'limit', label: 'hand-written loop, 25 statements', load: async () => (await import('./loop')).batch },
  'loop-lanes': { group: 'limit', label: 'hand-written lanes, UpdateItem', load: async () => (await import('./lanes')).lanes },
  'loop-single': { group: 'limit', label: 'hand-written loop, UpdateItem', load: async () => (await import('./loop')).single },
} as const satisfies Readonly<Record<string, Side>>;

export type SideName = keyof typeof SIDES;
