/** 0 to 1, always the same for one seed. */
export const seededRandom = (seed: number): (() => number) => {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** Version 4 UUIDs that count. */
export const countingIds = (node: number): (() => string) => {
  let count = 0;
  return () => `00000000-0000-4000-8000-${node.toString(16).padStart(4, '0')}${(count += 1).toString(16).padStart(8, '0')}`;
};
