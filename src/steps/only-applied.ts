import type { Outcome } from '../outcome';

/** A predicate for `.filter()` behind a sink: only what the table took, so that side effects follow real changes. */
export const onlyApplied = <U extends { readonly outcome?: Outcome }>(uow: U): uow is U & { readonly outcome: { readonly kind: 'applied' } } =>
  uow.outcome?.kind === 'applied';
