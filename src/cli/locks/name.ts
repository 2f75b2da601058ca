import type { LockName } from '../../locks';
import type { LocksTable } from './args';
import { shown } from './printable';
import { describeName } from './render';

export const nameOf = ({ key, sortKey }: LockName): LockName => ({ key, ...(sortKey === undefined ? {} : { sortKey }) });

export const nobodyHolds = (args: LockName & LocksTable): string => `nobody holds ${describeName(args)} in table ${shown(args.table)}`;
