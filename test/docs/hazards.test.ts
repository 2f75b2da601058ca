import { sectionsOf, snippetsOf } from './markdown';
import { run } from './run';

const PATH = 'docs/hazards.md';

const hazards = [...sectionsOf(PATH)].filter(([title]) => /^H\d+: /.test(title));
const runnable = snippetsOf(PATH).filter(({ output }) => output !== undefined);

/** Long lines are wrapped on the page. */
const unwrapped = (text: string): string => text.replace(/\s+/g, ' ');

describe('the hazards', () => {
  it('are those of the theory', () => {
    expect(hazards.map(([title]) => title.split(':')[0])).toEqual(Array.from({ length: 18 }, (_, i) => `H${i + 1}`));
  });

  describe.each(hazards)('%s', (_title, text) => {
    const [snippet, ...more] = runnable.filter(({ code }) => text.includes(code));

    it('has one snippet with its output', () => {
      expect(snippet).toBeDefined();
      expect(more).toEqual([]);
    });

    it('shows what the snippet prints', async () => {
      if (!snippet) throw new Error('There is none.');
      expect(unwrapped(await run(snippet))).toBe(unwrapped(snippet.output ?? ''));
    });
  });
});
