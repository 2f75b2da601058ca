import type { Violation } from '../checker';
import type { Scope } from './arbitraries';
import type { SimulationOptions } from './simulate';

export interface World extends Pick<SimulationOptions, 'client' | 'fleet'> {
  readonly scope: Scope;
  readonly except?: (violation: Violation) => boolean;
}

const FATES = ['well', 'lost', 'mute', 'twice', 'error'] as const;
const TROUBLES = ['block', 'suspend', 'jump', 'partition', 'crash'] as const;
const WORK = ['pause', 'count', 'guard', 'heartbeat', 'ensure'] as const;

/** Everything that can go wrong, does. */
const wild = { fates: FATES, troubles: TROUBLES };

/** The worlds in which the locks must stand the test. */
export const WORLDS = {
  two: { scope: { nodes: 2, ...wild, heartbeats: ['auto', 'hand'], closes: true } },
  five: { scope: { nodes: 5, keys: 2, tasks: 2, sessions: 2, ...wild } },
  frozen: { scope: { nodes: 3, troubles: ['block', 'suspend'] } },
  cutOff: { scope: { nodes: 2, troubles: ['partition'], heartbeats: ['auto', 'hand'] } },
  lossy: { scope: { nodes: 2, fates: ['mute', 'twice', 'lost'] } },
  slow: { scope: { nodes: 2, fates: ['well'] } },
  readFirst: {
    scope: { nodes: 3, ...wild, existingRow: ['replace', 'update'], consistentReleased: [true, false] },
    client: { readFirst: true },
  },
  exclusive: { scope: { nodes: 3, tasks: 2, ...wild, work: [...WORK, 'fence'], onRelease: ['keep'] }, client: { exclusive: true }, fleet: { exclusive: true } },
  java: { scope: { nodes: 2, java: { nodes: 2 }, ...wild, consistentReleased: [true, false] }, fleet: { java: true } },
  oldJava: {
    scope: { nodes: 2, java: { nodes: 2, old: true, existingRow: ['update'], onRelease: ['delete'] }, ...wild, onRelease: ['keep'] },
    fleet: { java: true },
  },
  /** Whoever takes a lock away from its holder has two for a while; and what is guarded is safe all the same. */
  operator: {
    scope: { nodes: 2, fates: FATES, troubles: ['block'], operator: ['delete', 'release'] },
    fleet: { operator: true },
    except: ({ invariant, id }: Violation) => invariant === 'I1' || id.startsWith('count/'),
  },
  /** Nobody holds anything that another task of the node may not use as well: so nothing is counted. */
  reentrant: { scope: { nodes: 2, tasks: 3, sessions: 2, ...wild, reentrant: 'shared', work: ['pause', 'heartbeat', 'ensure'], closes: true } },
  nested: { scope: { nodes: 2, ...wild, reentrant: 'nested' } },
  /** Who has handed a lock over and who has got it may both write what it guards. */
  handles: {
    scope: { nodes: 3, tasks: 2, sessions: 2, fates: ['well', 'mute'], troubles: TROUBLES, handles: true, work: ['pause', 'guard', 'heartbeat'], heartbeats: ['auto', 'hand'] },
    except: ({ invariant, problem }: Violation) => invariant === 'I3' && problem.includes('was due'),
  },
  permits: { scope: { nodes: 3, tasks: 2, sessions: 2, ...wild, permits: [1, 2, 3] } },
  together: { scope: { nodes: 3, keys: 3, sessions: 2, ...wild, together: true } },
  allOrNone: { scope: { nodes: 3, keys: 3, sessions: 3, troubles: ['crash'], work: ['pause', 'guard', 'heartbeat'], together: true }, fleet: { certain: true } },
} as const satisfies Readonly<Record<string, World>>;
