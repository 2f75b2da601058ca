import { readFileSync, writeFileSync } from 'node:fs';

/** From the root of the project. */
export const PAGE = 'docs/scaling.md';

/** A command of the page, and what the page says that it prints. */
export interface Shown {
  readonly command: string;
  readonly argv: readonly string[];
  readonly output: string;
}

const BLOCKS = /```sh\nnpm run simulate -- (.*)\n```\n\n```text\n([\s\S]*?)```\n/g;

const argvOf = (command: string): readonly string[] => command.split(/\s+/);

/** The commands of a page that are followed by their output. */
export const shownIn = (page: string): readonly Shown[] =>
  [...page.matchAll(BLOCKS)].map(([, command = '', output = '']) => ({ command, argv: argvOf(command), output }));

/** Puts what the commands print today into the page. */
export const writePage = async (run: (argv: readonly string[]) => Promise<string>): Promise<number> => {
  const before = readFileSync(PAGE, 'utf8');
  const outputs = new Map<string, string>();
  for (const { command, argv } of shownIn(before)) outputs.set(command, await run(argv));
  writeFileSync(PAGE, before.replace(BLOCKS, (_all, command: string) => `\`\`\`sh\nnpm run simulate -- ${command}\n\`\`\`\n\n\`\`\`text\n${outputs.get(command)}\`\`\`\n`));
  return 0;
};
