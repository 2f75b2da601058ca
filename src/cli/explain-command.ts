import { toJson } from '../faults/to-json';
import { createProgress } from '../replay/progress';
import { itemStory } from '../replay/story/item-story';
import { renderStory } from '../replay/story/render-story';
import { keyOf, parseExplainArgs } from './explain-args';
import { EXIT, type ExitCode, type Io } from './io';
import { loadRules } from './rules-module';

/** `oplock explain`: the story of one item. Everything that is wrong with what was given is thrown. */
export const explainCommand = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const args = parseExplainArgs(argv);
  const { rules, source, table } = await loadRules(args.rules, io.importModule);
  const progress = createProgress(io.stderr, 'explain');
  const story = await itemStory({
    fixtures: args.fixtures, rules, source, table,
    key: keyOf(args, table),
    shuffle: args.shuffle, duplicate: args.duplicate, seed: args.seed,
    onProgress: progress.update,
    ...(args.now === undefined ? {} : { now: args.now }),
  }).finally(progress.end);
  io.stdout(`${args.json ? JSON.stringify(toJson(story)) : renderStory(story)}\n`);
  return story.chapters.length > 0 ? EXIT.right : EXIT.mismatch;
};
