/** Half of a surrogate pair has no UTF-8: what is stored would not equal what was sent. */
export const isWellFormed = (text: string): boolean => (text as unknown as { isWellFormed(): boolean }).isWellFormed(); // of ES2024, in every Node that is supported
