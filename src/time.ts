/** The clock, epoch ms, under the name that aws-lambda-stream gives it; handlers take their own as the option `now`. */
export const now = (): number => Date.now();

/** Epoch seconds, `days` after `fromMs`: the value of a DynamoDB TTL attribute. */
export const ttl = (fromMs: number, days: number): number => Math.floor(fromMs / 1000) + days * 86_400;
