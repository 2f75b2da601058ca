/** Data as the row has it; text as UTF-8. */
export const bytesOf = <T extends undefined>(data: Uint8Array | string | T): Uint8Array | T => (typeof data === 'string' ? new TextEncoder().encode(data) : data);
