const PACKAGE = /^.*node_modules\/((?:@[^/]+\/)?[^/]+).*$/;

/** What a file is counted as: its package, or the project itself. */
const partOf = (path) => (PACKAGE.test(path) ? path.replace(PACKAGE, '$1') : 'oplock-stream');

/** Where the bytes of a bundle are from, the most first. @returns {[string, number][]} */
export const partsOf = (inputs) => {
  const parts = new Map();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) parts.set(partOf(path), (parts.get(partOf(path)) ?? 0) + bytesInOutput);
  return [...parts].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a);
};
