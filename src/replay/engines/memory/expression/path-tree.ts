import { boundName, type Bindings, type Path } from '../../../../oplock/condition/ast';
import { memberOf } from '../../../../oplock/value/type';
import { invalid } from '../fault';
import { defineOwn } from '../value/own';
import type { PlainItem } from '../value/decode';

/** Paths of one expression, by their steps; none may be the beginning of another. */
export interface PathTree<T> {
  leaf?: T;
  members?: Map<string, PathTree<T>>;
  elements?: Map<number, PathTree<T>>;
}

const child = <T>(tree: PathTree<T>, step: string | number): PathTree<T> => {
  if (tree.leaf !== undefined) throw invalid('Two document paths overlap with each other');
  if (typeof step === 'number' ? tree.members : tree.elements) throw invalid('Two document paths conflict with each other');
  const children: Map<string | number, PathTree<T>> = typeof step === 'number' ? (tree.elements ??= new Map()) : (tree.members ??= new Map());
  const found = children.get(step) ?? {};
  children.set(step, found);
  return found;
};

/** Throws a ValidationException for paths that overlap, or that take one attribute for a map and for a list. */
export const insertPath = <T>(tree: PathTree<T>, path: Path, bindings: Bindings, leaf: T): void => {
  let at = tree;
  for (const step of path) at = child(at, typeof step === 'number' ? step : boundName(step, bindings) ?? step);
  if (at.leaf !== undefined || at.members || at.elements) throw invalid('Two document paths overlap with each other');
  at.leaf = leaf;
};

/** The part of the item that the paths name; elements of lists move together. */
export const project = (item: PlainItem, tree: PathTree<true>): PlainItem => (pick(item, tree) as PlainItem | undefined) ?? {};

const pick = (value: unknown, tree: PathTree<true>): unknown => {
  if (tree.leaf) return value;
  if (tree.members) {
    const result: Record<string, unknown> = {};
    for (const [name, below] of tree.members) {
      const found = memberOf(value, name);
      const part = found === undefined ? undefined : pick(found, below);
      if (part !== undefined) defineOwn(result, name, part);
    }
    return Object.keys(result).length > 0 ? result : undefined;
  }
  if (!Array.isArray(value) || !tree.elements) return undefined;
  const result: unknown[] = [];
  for (const [index, below] of [...tree.elements].sort(([a], [b]) => a - b)) {
    const found: unknown = value[index];
    const part = found === undefined ? undefined : pick(found, below);
    if (part !== undefined) result.push(part);
  }
  return result.length > 0 ? result : undefined;
};
