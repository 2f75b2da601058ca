/**
 * Keys, owners and payloads are written by others. Control characters would command a terminal, and those that are not seen
 * (bidirectional overrides, zero widths) would show another text than there is.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escapeUnits = (text: string): string =>
  Array.from({ length: text.length }, (_unit, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('');

/** For a message: characters that are not seen are spelled out, all but the ends of lines. */
export const printable = (text: string): string => text.replace(UNSEEN, (found) => (found === '\n' ? found : escapeUnits(found)));

/** JSON in one line that any terminal can take; the value is the same. */
export const printableJson = (value: unknown): string => printable(JSON.stringify(value));
