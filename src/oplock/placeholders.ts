/** DynamoDB takes 255 bytes with the sign in front. */
const MAX_ALIAS = 254;

/**
 * The part of a placeholder behind `#` or `:` that stands for an attribute's name. Always the same for one name, so
 * that expressions made apart fit together. A name of letters, digits and underscores is its own alias, unless it
 * looks like an escape itself (`_x2d_`); everything else is escaped code point by code point, reversibly, so two
 * names never share an alias. Names whose alias would be too long get one with a hash: callers that put several
 * names into one expression must check that these differ.
 */
export const aliasOf = (name: string): string => {
  const alias = name.replace(/_(?=x[0-9a-f]*(?:_|[^A-Za-z0-9_]))|[^A-Za-z0-9_]/gu, escapeCharacter);
  return alias.length <= MAX_ALIAS ? alias : `_x_${hash(name, 0x811c9dc5)}${hash(name, 0x01000193)}_${name.length}`;
};

const escapeCharacter = (character: string): string => `_x${(character.codePointAt(0) ?? 0).toString(16)}_`;

/** 32 bits of a multiplicative hash; no cryptography is meant. */
const hash = (text: string, seed: number): string => {
  let state = seed;
  for (let i = 0; i < text.length; i += 1) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x9e3779b1);
    state ^= state >>> 15;
  }
  return (state >>> 0).toString(16).padStart(8, '0');
};
