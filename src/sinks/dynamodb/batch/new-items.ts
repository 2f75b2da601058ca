/** How many of the items are new, as far as was seen lately: a needless failed statement costs write units. */
export interface NewItems {
  /** 0 to 1. */
  share(): number;
  /** Nothing was seen yet, so that the share is a guess. */
  isGuess(): boolean;
  saw(isNew: boolean): void;
}

/** Of one item in the share; those before it weigh the rest. */
const WEIGHT = 0.01;

/**
 * Of the guess: that of three items, which is less than a tenth beside a full batch. A function that just started
 * learns what its table is like from its first batch, not from a few.
 */
const GUESS = 0.031;

export const createNewItems = (guess: 0 | 1): NewItems => {
  let seen = GUESS;
  let fresh = GUESS * guess;
  let isGuess = true;
  return {
    share: () => fresh / seen,
    isGuess: () => isGuess,
    saw: (isNew) => {
      isGuess = false;
      fresh += WEIGHT * ((isNew ? 1 : 0) - fresh);
      seen += WEIGHT * (1 - seen);
    },
  };
};
