/** Half of a surrogate pair has no UTF-8: what is stored would not equal what was sent. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
