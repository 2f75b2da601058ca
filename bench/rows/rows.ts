import type { Row } from '../lib/bench';
import { cpu } from './cpu';
import { overheads } from './overhead';

/** In the order in which they are run and printed. */
export const ROWS: readonly Row[] = [cpu, ...overheads];
