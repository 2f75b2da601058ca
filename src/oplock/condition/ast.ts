export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A name as the expression has it (`#n` or bare), or a list's index. */
export type PathStep = string | number;
export type Path = readonly [string, ...PathStep[]];

export type Operand =
  | { readonly type: 'path'; readonly path: Path }
  /** `name` with its colon. */
  | { readonly type: 'value'; readonly name: string }
  | { readonly type: 'size'; readonly of: Operand };

export const FUNCTIONS = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export type Comparison = { readonly type: 'compare'; readonly operator: Comparator; readonly left: Operand; readonly right: Operand };

export type Condition =
  | { readonly type: 'or' | 'and'; readonly operands: readonly Condition[] }
  | { readonly type: 'not'; readonly operand: Condition }
  | Comparison
  | { readonly type: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly type: 'in'; readonly operand: Operand; readonly list: readonly Operand[] }
  | { readonly type: 'function'; readonly name: FunctionName; readonly operands: readonly Operand[] };

/** What stands behind the placeholders of an expression. */
export interface Bindings {
  readonly names?: Readonly<Record<string, string>> | undefined;
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}

/** The attribute's name behind a step: `#n` is looked up, a bare name is itself. `undefined`: an unbound placeholder. */
export const boundName = (step: string, { names }: Bindings): string | undefined => {
  if (!step.startsWith('#')) return step;
  return names && Object.hasOwn(names, step) ? names[step] : undefined;
};

export const boundValue = (name: string, { values }: Bindings): unknown =>
  values && Object.hasOwn(values, name) ? values[name] : undefined;
