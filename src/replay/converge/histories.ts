import type { Arbitrary } from 'fast-check';
import type { FastCheck } from './fast-check';
import type { TroubleKind } from '../troubles/trouble';
import { MAX_COPIES, type History, type Trouble } from './history';

const KINDS = ['crash-before', 'crash-after', 'response-lost'] as const satisfies readonly TroubleKind[];

/**
 * Any order of some of `count` records, up to three times each, in any batches, with up to two troubles. It shrinks to
 * histories without batches and troubles first, then to fewer deliveries: that an event comes too late is easier to see
 * than what goes on inside a batch.
 */
export const histories = ({ record, shuffledSubarray, array, integer, nat, constantFrom }: FastCheck, count: number): Arbitrary<History> => {
  const copies = Array.from({ length: count * MAX_COPIES }, (_, i) => Math.floor(i / MAX_COPIES));
  const trouble: Arbitrary<Trouble> = record({ kind: constantFrom(...KINDS), at: nat(copies.length) });
  return record({
    sizes: array(integer({ min: 1, max: 10 }), { maxLength: 12 }),
    troubles: array(trouble, { maxLength: 2 }),
    // Not at least 1: then the last delivery could never be taken away while it shrinks.
    order: shuffledSubarray(copies),
  });
};
