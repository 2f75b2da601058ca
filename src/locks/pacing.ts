import { fullJitter } from '../retry';

/** The wait before the next try of a request that had no answer: soon enough for a lease, and not all the time. */
export const backoff = (tries: number, random: () => number): number => fullJitter(tries, { baseMs: 50, capMs: 1_000, random });

/** Between half of the time and one and a half: nodes that began together do not go on together. */
export const jittered = (ms: number, random: () => number): number => ms * (0.5 + random());
