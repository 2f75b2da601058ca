import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The arrows of the architecture: which other folders and which packages (a pattern) a folder of src/ may not import.
 * Everything points towards `oplock`, which imports nothing. test/package/layers.test.ts plants violations.
 */
const ALL = ['sources', 'steps', 'sinks', 'ledger', 'pipelines', 'flavors', 'faults', 'metrics', 'bff', 'locks', 'replay', 'cli', 'service'];
const ABOVE_STEPS = ['flavors', 'bff', 'locks', 'replay', 'cli', 'service'];
const CLIENTS = '@aws-sdk/(client-|lib-)[a-z-]+';

const layers = [
  { folder: 'oplock', folders: ALL, packages: '.+', because: 'the oplock is pure: it imports no other folder and no package' },
  { folder: 'faults', folders: ALL.filter((name) => name !== 'faults'), packages: `highland|${CLIENTS}`, because: 'faults describe; they neither stream nor call' },
  { folder: 'metrics', folders: ALL.filter((name) => name !== 'metrics'), packages: `highland|@aws-lambda-powertools/.+|${CLIENTS}`, because: 'metrics count; Powertools is passed in, never imported' },
  { folder: 'ledger', folders: ['steps', 'sinks', 'pipelines', ...ABOVE_STEPS], packages: CLIENTS, because: 'the ledger accounts for events and knows nothing of what is done with them' },
  { folder: 'sources', folders: ['steps', 'sinks', 'pipelines', ...ABOVE_STEPS], packages: CLIENTS, because: 'a source reads records and does not know what becomes of them' },
  { folder: 'steps', folders: ['pipelines', ...ABOVE_STEPS], packages: CLIENTS, because: 'steps are below pipelines and flavors' },
  { folder: 'sinks', folders: ['pipelines', ...ABOVE_STEPS], because: 'sinks are below pipelines and flavors' },
  { folder: 'pipelines', folders: ABOVE_STEPS, because: 'pipelines are below flavors' },
  { folder: 'flavors', folders: ['bff', 'locks', 'replay', 'cli', 'service'], because: 'flavors are below replay and cli' },
  { folder: 'bff', folders: ['locks', 'replay', 'cli', 'service'], because: 'bff is below replay and cli' },
  { folder: 'locks', folders: ['bff', 'replay', 'cli', 'service'], because: 'locks are below replay and cli' },
  { folder: 'replay', folders: ['cli', 'service'], because: 'replay is below cli' },
  { folder: 'cli', folders: ['service'], because: 'the service is an example: nothing of the package needs it' },
];

/** Static imports, re-exports and `import()` alike, types included: a type is a dependency too. */
const forbid = ({ folders, packages, because }) => {
  const patterns = [`^(\\.\\.?/)+(${folders.join('|')})(/|$)`, ...(packages ? [`^(?!\\.)(${packages})$`] : [])];
  return {
    'no-restricted-imports': ['error', { patterns: patterns.map((regex) => ({ regex, message: `Layers: ${because}.` })) }],
    'no-restricted-syntax': ['error', ...patterns.map((regex) => ({
      selector: `ImportExpression > Literal[value=/${regex.replaceAll('/', '\\u002f')}/]`,
      message: `Layers: ${because}.`,
    }))],
  };
};

const nodeGlobals = Object.fromEntries(
  ['process', 'console', 'Buffer', 'URL', 'performance', 'fetch', 'setTimeout', 'clearTimeout', 'setImmediate', 'AbortSignal', 'AbortController', 'structuredClone'].map((name) => [name, 'readonly']),
);

export default tseslint.config(
  { ignores: ['dist/', '**/.build/', '.serverless/', 'coverage/', 'node_modules/', 'test/package/consumer/'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    languageOptions: { globals: nodeGlobals },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['tsdown.config.ts'] }, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Objects here are closures made by functions: no method reads `this`.
      '@typescript-eslint/unbound-method': 'off',
      // What may or may not be a promise is awaited on purpose.
      '@typescript-eslint/await-thenable': 'off',
      // Functions of a fixed asynchronous shape need not wait for anything.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Tests hand over what the types forbid, and read what they do not know.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      'no-loss-of-precision': 'off',
    },
  },
  {
    // test/support holds the one place that may skip: engine tests without Java, and not where CI forbids it.
    files: ['test/**/*.test.ts'],
    rules: {
      'no-restricted-syntax': ['error', {
        selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo)$/]',
        message: 'No skipped and no lone tests.',
      }],
    },
  },
  // The command line speaks through the console, the default logger is one.
  { files: ['src/cli/**', 'src/logger.ts', 'scripts/**', 'fixtures/**', 'bench/**', 'test/**'], rules: { 'no-console': 'off' } },
  { files: ['src/*.ts'], ignores: ['src/index.ts'], rules: forbid({ folders: ['sources', 'steps', 'sinks', 'pipelines', ...ABOVE_STEPS], packages: CLIENTS, because: 'the vocabulary is below everything that uses it' }) },
  { files: ['src/index.ts'], rules: forbid({ folders: ['bff', 'locks', 'replay', 'cli', 'service'], because: 'bff, locks, replay and cli have entry points of their own, so that a handler does not load them' }) },
  ...layers.map((layer) => ({ files: [`src/${layer.folder}/**/*.ts`], rules: forbid(layer) })),
);
