// How a function is bundled: the line of the README's "Deploying", for esbuild's API and as flags.

/**
 * Sources of credentials that no Lambda function has: it finds its own in the environment, which is asked first. The SDK
 * loads each of these when it comes to it, so that nothing is missed while they stay outside; inside they would be a
 * quarter of the bundle.
 */
const NOT_IN_LAMBDA = ['sso', 'ini', 'process', 'web-identity'].map((source) => `@aws-sdk/credential-provider-${source}`);

export const LAMBDA = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  external: NOT_IN_LAMBDA,
};

/** The same for a command line. @returns {string[]} */
export const flagsOf = (options) => Object.entries(options).flatMap(([name, value]) => {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === true) return [flag];
  if (name === 'external') return value.map((path) => `${flag}:${path}`);
  return [`${flag}=${value}`];
});
