import { hostname } from 'node:os';

/** Who a node is in the rows that it writes, when it has no name of its own. */
export const defaultOwner = (newId: () => string): string => `${hostname()}-${newId()}`;
