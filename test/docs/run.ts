import { Console } from 'node:console';
import { PassThrough } from 'node:stream';
import ts from 'typescript';
import type { Snippet } from './markdown';

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...names: string[]) => (...given: unknown[]) => Promise<void>;

/** Runs a snippet as Node would run it in a file of its own, against the sources, and returns what it printed with `console`. */
export const run = async ({ place, code }: Snippet): Promise<string> => {
  const output = new PassThrough();
  const { outputText } = ts.transpileModule(code, {
    fileName: `${place.replace(/\W/g, '-')}.ts`,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
  });
  // The modules of the snippet, as Jest maps them; `await` at the top level needs a function around it.
  await new AsyncFunction('require', 'exports', 'console', outputText)(require, {}, new Console({ stdout: output, stderr: output }));
  return String(output.read() ?? '').trimEnd();
};
