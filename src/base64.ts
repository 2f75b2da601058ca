const STRICT = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Base64 as AWS writes it: standard alphabet, padded. `undefined` for anything else: Node's own decoder skips
 * what it does not know, so garbage would silently become other garbage.
 */
export const decodeBase64 = (text: string): Buffer | undefined =>
  text.length % 4 === 0 && STRICT.test(text) ? Buffer.from(text, 'base64') : undefined;
