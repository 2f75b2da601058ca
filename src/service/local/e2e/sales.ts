export interface SalesOptions {
  readonly endpoint: string;
  readonly seats: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * What happens to seats besides edits, each step with the answer that it must get: put on sale, twice; held, by two;
 * paid; released; withdrawn, and put on sale again. Gives what was wrong, in words.
 */
export const sellSeats = async ({ endpoint, seats, signal }: SalesOptions): Promise<readonly string[]> => {
  const wrong: string[] = [];
  const call = async (expected: number, method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const response = await fetch(`${endpoint}${path}`, {
      method, signal,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status !== expected) wrong.push(`${method} ${path}: ${response.status} where ${expected} belongs: ${text}`);
    return response.headers.get('etag') ?? '';
  };

  for (const seat of seats) await call(201, 'PUT', `/seats/${seat}`, { price: 4000 }, { 'if-none-match': '*' });
  const [first, second] = seats;
  if (first === undefined || second === undefined) return wrong;
  await call(412, 'PUT', `/seats/${first}`, { price: 1 }, { 'if-none-match': '*' });
  await call(428, 'PUT', `/seats/${first}`, { price: 1 });
  await call(200, 'POST', `/seats/${first}/hold`, { customer: 'ada' });
  await call(409, 'POST', `/seats/${first}/hold`, { customer: 'bob' });
  await call(200, 'POST', `/seats/${first}/pay`, { customer: 'ada' });
  await call(200, 'POST', `/seats/${second}/hold`, { customer: 'bob' });
  await call(200, 'POST', `/seats/${second}/release`, { customer: 'bob' });

  // Withdrawn and put on sale again; and one that stays withdrawn.
  for (const [seat, again] of [['opera.Z1', true], ['opera.Z2', false]] as const) {
    const etag = await call(201, 'PUT', `/seats/${seat}`, { price: 1 }, { 'if-none-match': '*' });
    await call(204, 'DELETE', `/seats/${seat}`, undefined, { 'if-match': etag });
    await call(404, 'GET', `/seats/${seat}`);
    if (again) await call(201, 'PUT', `/seats/${seat}`, { price: 2 }, { 'if-none-match': '*' });
  }
  return wrong;
};
