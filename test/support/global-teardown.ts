export default async (): Promise<void> => {
  await globalThis.oplockLocalProcess?.stop();
};
