/** Inside the sources: a payload that cannot be read. Becomes the fault of its record, and never shows content. */
export class UnreadablePayload extends Error {
  readonly found: string;
  readonly expected: string;

  constructor(found: string, expected: string) {
    super(found);
    this.name = 'UnreadablePayload';
    this.found = found;
    this.expected = expected;
  }
}
