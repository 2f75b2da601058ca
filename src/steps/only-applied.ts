import type { Outcome } from '../outcome';

/** A predicate for `.filter()` behind a sink: only what the table took, so that side effects follow real changes. */
export const onlyApplied = (uow: { readonly outcome?: Outcome }): boolean => uow.outcome?.kind === 'applied';
