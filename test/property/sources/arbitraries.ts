import fc from 'fast-check';

/**
 * Names that have broken software before, and any other text. Without a lone backslash: from Node 24 on, JSON.parse
 * reads other escaped names as that one once it has seen it (nodejs/node issue 63785).
 */
export const awkwardName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '0', '-1', 'a.b', 'a#b', ':v', '#n', '"', "'", '\u0000', '😀', '\ud800', 'S', 'N', 'M', 'x'.repeat(255)),
  fc.string({ minLength: 1, maxLength: 30, unit: 'binary' }),
);

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, path: Path = []): Path[] =>
  typeof value === 'object' && value !== null ? [path, ...Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))] : [path];

const replaced = (value: unknown, [step, ...rest]: Path, replacement: unknown): unknown => {
  if (step === undefined) return replacement;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  (copy as Record<string | number, unknown>)[step] = replaced((value as Record<string | number, unknown>)[step], rest, replacement);
  return copy;
};

/** A real record with one or a few of its parts replaced by something else, or missing. */
export const mutated = (record: unknown): fc.Arbitrary<unknown> => {
  const paths = pathsOf(record);
  const replacement = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, '', 0, -1, NaN, true, [], {}, '2024-01-01', 'UNKNOWN', 1e21),
    fc.anything({ maxDepth: 2 }),
    fc.record({ S: fc.string(), N: fc.string(), M: fc.object({ maxDepth: 1 }) }, { requiredKeys: [] }),
  );
  return fc.array(fc.tuple(fc.constantFrom(...paths), replacement), { minLength: 1, maxLength: 3 }).map((changes) => {
    let result = record;
    for (const [path, value] of changes) {
      try {
        result = replaced(result, path, value);
      } catch {
        continue; // an earlier change took away what this one was to change
      }
    }
    return result;
  });
};
