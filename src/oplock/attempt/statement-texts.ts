import type { Attempt } from './attempt';
import type { Place } from './requirement';

/**
 * Texts of statements that were made lately. The events of a rule mostly name the same attributes, so that of two
 * statements only the parameters differ; and a text is made of hundreds of small pieces.
 */
export interface StatementTexts {
  /** The text for such an attempt: one that was made before, or by `make`. */
  of(attempt: Attempt, tableName: string, make: () => string): string;
}

/** What a text depends on, of an attempt that requires no more than to be newer in one place. */
interface Shape {
  readonly tableName: string;
  readonly key: readonly string[];
  readonly set: readonly string[];
  readonly remove: readonly string[];
  readonly place: Place;
  readonly text: string;
}

/** A rule whose events leave attributes out has several shapes; one that has more gains nothing and loses little. */
const KEPT = 8;

export const createStatementTexts = (): StatementTexts => {
  const shapes: Shape[] = [];
  let oldest = 0;
  return {
    of: (attempt, tableName, make) => {
      const place = onlyPlace(attempt);
      if (!place) return make();
      for (const shape of shapes) if (fits(shape, attempt, tableName, place)) return shape.text;
      const text = make();
      shapes[oldest] = { tableName, place, text, key: Object.keys(attempt.key), set: Object.keys(attempt.set), remove: attempt.remove };
      oldest = (oldest + 1) % KEPT;
      return text;
    },
  };
};

const onlyPlace = ({ requires }: Attempt): Place | undefined => {
  const [only] = requires;
  return requires.length === 1 && only?.is === 'older' ? only.place : undefined;
};

const fits = (shape: Shape, { key, set, remove }: Attempt, tableName: string, place: Place): boolean =>
  shape.place === place && shape.tableName === tableName && areNames(shape.set, set) && areNames(shape.key, key) && areEqual(shape.remove, remove);

/** `for in` makes no list; should a prototype add a name to it, the text is made anew. */
const areNames = (names: readonly string[], object: object): boolean => {
  let i = 0;
  for (const name in object) {
    if (names[i] !== name) return false;
    i += 1;
  }
  return i === names.length;
};

const areEqual = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name, i) => name === b[i]);
