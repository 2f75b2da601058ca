/**
 * Owners, keys and all else that a table holds is written by others. Control characters would command the terminal, and
 * those that are not seen (bidirectional overrides, zero widths) would show another text than there is.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escapeUnits = (text: string): string =>
  Array.from({ length: text.length }, (_unit, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

/** For a message: characters that are not seen are spelled out, all but the ends of lines. */
export const printable = (text: string): string => text.replace(UNSEEN, (found) => (found === '\n' ? found : escapeUnits(found)));

/** JSON in one line that any terminal can take; the value is the same. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value));

/** Nothing in it can be taken for the end of a column, or for a text in quotes. */
const PLAIN = /^(?! )(?:[^\p{C}\p{Z}"\\]| (?! |$))+$/u;

/** A text as it is, where that is clear; otherwise as JSON has it, in quotes. */
export const shown = (text: string): string => (PLAIN.test(text) ? text : printableJson(text));

/** The same, of a long text only the beginning. */
export const shownShort = (text: string, most: number): string =>
  text.length <= most ? shown(text) : `${shown(text.slice(0, most))}… (${text.length} characters)`;
