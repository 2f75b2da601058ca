import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, type Snippet } from './markdown';

const readOptions = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as { config: unknown };
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options,
    baseUrl: ROOT,
    declaration: false,
    // A snippet may show a name that it does not go on to use.
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
};

/** What a block without any import takes for granted. */
const PRELUDE = "import { createHandler, emf, fromKinesis, initializeFrom } from 'oplock-stream'; const pipelines = initializeFrom([]);";

/** On one line with the first of the block, so that its lines keep their numbers. */
const moduleOf = ({ code }: Snippet): string => `${/^import /m.test(code) ? '' : PRELUDE}${code}export {};\n`;

/** A program of all snippets, each a module of its own that exists in memory only. */
export const compile = (snippets: readonly Snippet[]): { program: ts.Program; fileOf: (snippet: Snippet) => string } => {
  const fileOf = ({ place }: Snippet): string => join(ROOT, 'test/docs', `${place.replace(/\W/g, '-')}.ts`);
  const code = new Map(snippets.map((snippet) => [fileOf(snippet), moduleOf(snippet)]));
  const options = readOptions();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => code.has(path) || fileExists(path);
  host.readFile = (path) => code.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = code.get(path);
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target);
  };
  const roots = [...code.keys(), join(ROOT, 'src/index.ts'), join(ROOT, 'src/replay/index.ts'), join(ROOT, 'src/outcome.ts')];
  return { program: ts.createProgram(roots, options, host), fileOf };
};

/** What the compiler has to say about one file, one line each. */
export const problemsOf = (program: ts.Program, file: string): string[] => {
  const source = program.getSourceFile(file);
  if (!source) throw new Error(`${file} is not in the program.`);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start = 0, messageText }) => {
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
};

/** The names that a module exports, types included. */
export const exportsOf = (program: ts.Program, path: string): Set<string> => {
  const source = program.getSourceFile(join(ROOT, path));
  const symbol = source && program.getTypeChecker().getSymbolAtLocation(source);
  if (!symbol) throw new Error(`${path} is not in the program, or exports nothing.`);
  return new Set(program.getTypeChecker().getExportsOfModule(symbol).map(({ name }) => name));
};

/** The members of an exported union of string literals. */
export const literalsOf = (program: ts.Program, path: string, name: string): string[] => {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(ROOT, path));
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  const type = symbol && checker.getDeclaredTypeOfSymbol(symbol);
  if (!type?.isUnion()) throw new Error(`${path} has no union ${name}.`);
  return type.types.map((one) => (one.isStringLiteral() ? one.value : checker.typeToString(one)));
};
