/** What a request takes: lognormal, half of them within 5 ms, 99 % within 100 ms. */
const MEDIAN_MS = 5;
const P99_MS = 100;
const SIGMA = Math.log(P99_MS / MEDIAN_MS) / 2.3263;

/** A number in (0, 1), always the same one for a text. */
const uniform = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 + 2 ** -33;
};

/** Whole milliseconds, as timers have them; the same for an event whoever writes it. */
export const drawnLatency = (id: string, timestamp: number): number => {
  const normal = Math.sqrt(-2 * Math.log(uniform(`${id}/${timestamp}`))) * Math.cos(2 * Math.PI * uniform(`${timestamp}/${id}`));
  return Math.max(1, Math.round(MEDIAN_MS * Math.exp(SIGMA * normal)));
};

/** The shortest time, in ms, in which these can be written one by one: so many in flight, those of an item one after the other. */
export const lowerBound = (events: readonly { readonly timestamp: number; readonly thing: { readonly id: string } }[], inFlight: number): number => {
  const chains = new Map<string, number>();
  for (const { thing: { id }, timestamp } of events) chains.set(id, (chains.get(id) ?? 0) + drawnLatency(id, timestamp));
  const sum = [...chains.values()].reduce((total, one) => total + one, 0);
  return Math.max(sum / inFlight, ...chains.values());
};
