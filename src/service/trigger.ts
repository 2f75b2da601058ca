/** Placeholder, until the function is there. */
export const handler = async (): Promise<unknown> => ({ batchItemFailures: [] });
