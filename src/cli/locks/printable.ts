import { printableJson } from '../../printable';

/** Nothing in it can be taken for the end of a column, or for a text in quotes. */
const PLAIN = /^(?! )(?:[^\p{C}\p{Z}"\\]| (?! |$))+$/u;

/** A text as it is, where that is clear; otherwise as JSON has it, in quotes. */
export const shown = (text: string): string => (PLAIN.test(text) ? text : printableJson(text));

/** The same, of a long text only the beginning. */
export const shownShort = (text: string, most: number): string =>
  text.length <= most ? shown(text) : `${shown(text.slice(0, most))}… (${text.length} characters)`;
