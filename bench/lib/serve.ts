/** The process of a side: does one task after the other that it is sent, until nobody is there any more. */
export const serve = <T>(run: (task: T) => Promise<unknown>): void => {
  process.on('message', (task: T) => {
    void run(task).then(
      (measured) => process.send?.({ measured }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ ready: true });
};
