/**
 * Epoch seconds for DynamoDB's TTL: so many days after the later of now and the event's time (both epoch ms). What is
 * replayed after years must still outlive its late rivals.
 */
export const expiry = (now: number, eventTime: unknown, days: number): number => {
  const latest = typeof eventTime === 'number' && Number.isFinite(eventTime) ? Math.max(now, eventTime) : now;
  return Math.floor(latest / 1000) + Math.ceil(days * 86_400);
};
