import { equalValues } from '../value/compare';
import { boundName, boundValue, type Bindings, type Condition, type Path } from './ast';
import type { UpdatePart } from './update-parts';

/** The part of a condition that lets only newer events pass: `attribute_not_exists(P) OR P < :v`, in whatever form. */
export interface OplockClause {
  readonly path: Path;
  /** The placeholder of the incoming oplock. */
  readonly value: string;
  /** The whole disjunction. When it is false, the oplock is a reason for the refusal. */
  readonly clause: Condition;
}

/**
 * The oplock clauses of a request's condition, outermost first. A comparison `P < :v` alone proves nothing: stock
 * limits and expired leases are compared so, too. It is an oplock if the update stores the same `:v` in P, or if
 * P may be absent and the update does nothing else to it.
 */
export const findOplockClauses = (condition: Condition, parts: readonly UpdatePart[], bindings: Bindings): readonly OplockClause[] => {
  const same = (a: Path, b: Path): boolean => samePath(a, b, bindings);
  const partsOf = (path: Path): readonly UpdatePart[] => parts.filter((part) => same(part.path, path));

  const inDisjunction = (clause: Condition): readonly OplockClause[] => {
    const alternatives = flatten(clause, 'or');
    const absent = alternatives.flatMap(absentPath);
    const direct = alternatives.flatMap(newerComparison).filter(({ path, value }) => {
      const touching = partsOf(path);
      const stores = touching.some((part) => part.clause === 'SET' && part.value !== undefined && sameValue(part.value, value, bindings));
      return stores || (touching.length === 0 && absent.some((one) => same(one, path)));
    });
    // Beside an oplock, a nested conjunction is its tie: `P = :v AND T < :t` orders nothing on its own.
    if (direct.length > 0) return direct.map((one) => ({ ...one, clause }));
    return alternatives.filter((one) => one.type === 'and').flatMap(search);
  };

  const search = (node: Condition): readonly OplockClause[] => flatten(node, 'and').flatMap(inDisjunction);
  return search(condition);
};

/** Nested chains of one connective as one list. */
export const flatten = (condition: Condition, type: 'or' | 'and'): readonly Condition[] =>
  condition.type === type ? condition.operands.flatMap((one) => flatten(one, type)) : [condition];

const absentPath = (condition: Condition): readonly Path[] => {
  if (condition.type !== 'function' || condition.name !== 'attribute_not_exists') return [];
  const [operand] = condition.operands;
  return operand?.type === 'path' ? [operand.path] : [];
};

/** `P < :v`, `P <= :v`, `:v > P`, `:v >= P`, and the same as `NOT P >= :v`. */
const newerComparison = (condition: Condition): readonly { readonly path: Path; readonly value: string }[] => {
  const negated = condition.type === 'not';
  const comparison = negated ? condition.operand : condition;
  if (comparison.type !== 'compare') return [];
  const { operator, left, right } = comparison;
  const [pathFirst, valueFirst] = negated ? [['>', '>='], ['<', '<=']] : [['<', '<='], ['>', '>=']];
  if (left.type === 'path' && right.type === 'value') return pathFirst?.includes(operator) ? [{ path: left.path, value: right.name }] : [];
  if (left.type === 'value' && right.type === 'path') return valueFirst?.includes(operator) ? [{ path: right.path, value: left.name }] : [];
  return [];
};

const sameValue = (a: string, b: string, bindings: Bindings): boolean => a === b || equalValues(boundValue(a, bindings), boundValue(b, bindings));

const samePath = (a: Path, b: Path, bindings: Bindings): boolean =>
  a.length === b.length && a.every((step, i) => {
    const other = b[i];
    return typeof step === 'string' && typeof other === 'string' ? boundName(step, bindings) === boundName(other, bindings) : step === other;
  });
