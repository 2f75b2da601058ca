import type { Row } from '../lib/bench';
import { bundle } from './bundle';
import { cpu } from './cpu';
import { growth } from './growth';
import { hotKeys } from './hot-keys';
import { importTime } from './import';
import { local } from './local';
import { locksHandOver } from './locks-hand-over';
import { locksHeartbeats } from './locks-heartbeats';
import { locksUncontended } from './locks-uncontended';
import { makespan } from './makespan';
import { newItems } from './new-items';
import { overheads } from './overhead';
import { rules } from './rules';

/** In the order in which they are run and printed. */
export const ROWS: readonly Row[] = [cpu, local, ...overheads, makespan, hotKeys, rules, growth, bundle, importTime, ...newItems, locksUncontended, locksHandOver, locksHeartbeats];
