/** Errors of a holder's work that the world can cause. */
const EXPECTED = ['LOCK_LOST', 'LOCK_BACKEND', 'LOCK_MISUSE', 'LOCK_CLIENT_CLOSED'];
const EXPECTED_NAMES = [
  'TimeoutError', 'AbortError', 'ConditionalCheckFailedException', 'TransactionCanceledException', 'InternalServerError', 'ServiceUnavailable',
  'ThrottlingException', 'ProvisionedThroughputExceededException', 'TransactionConflictException',
];

const isExpected = (error: unknown): boolean => {
  const { code = '', name = '' } = error as { readonly code?: string; readonly name?: string };
  return EXPECTED.includes(code) || code === 'ECONNRESET' || EXPECTED_NAMES.includes(name) || (error instanceof AggregateError && error.errors.every(isExpected));
};

/** After an error nobody knows what was written, so nothing more is. */
export const tolerantly = async <T>({ onProblem }: { readonly onProblem: (problem: string) => void }, what: string, run: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await run();
  } catch (error) {
    if (!isExpected(error)) onProblem(`${what}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
    return undefined;
  }
};
