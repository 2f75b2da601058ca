import type { Path } from '../../../../oplock/condition/ast';

export type UpdateOperand =
  | { readonly type: 'path'; readonly path: Path }
  /** `name` with its colon. */
  | { readonly type: 'value'; readonly name: string }
  | { readonly type: 'if_not_exists'; readonly path: Path; readonly otherwise: UpdateOperand }
  | { readonly type: 'list_append'; readonly first: UpdateOperand; readonly second: UpdateOperand }
  | { readonly type: 'plus' | 'minus'; readonly left: UpdateOperand; readonly right: UpdateOperand };

export type UpdateAction =
  | { readonly clause: 'SET'; readonly path: Path; readonly operand: UpdateOperand }
  | { readonly clause: 'REMOVE'; readonly path: Path }
  | { readonly clause: 'ADD' | 'DELETE'; readonly path: Path; readonly value: string };
