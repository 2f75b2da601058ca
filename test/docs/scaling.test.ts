import { HELP } from '../../scripts/simulate/command/help';
import { PAGE, shownIn } from '../../scripts/simulate/command/page';
import { collect } from '../../scripts/simulate/main';
import { inlineCode, page, prose } from './markdown';

const shown = shownIn(page(PAGE));

describe('the page on scaling', () => {
  it('shows what commands print', () => {
    // Each block of the page, for one that is not recognised would not be compared.
    expect(shown).toHaveLength(page(PAGE).match(/^npm run simulate -- /gm)?.length ?? -1);
    expect(shown.length).toBeGreaterThan(5);
  });

  it.each(shown)('is right about $command (else: npm run simulate -- --page)', async ({ argv, output }) => {
    expect(await collect(argv)).toBe(output);
  }, 60_000);

  it('names no option that the command has not', () => {
    const flags = [...inlineCode(prose(page(PAGE))), ...shown.map(({ command }) => command)].flatMap((code) => code.match(/--[a-z][a-z-]*/g) ?? []);
    expect(flags.filter((flag) => flag !== '--help' && !HELP.includes(`${flag} `))).toEqual([]);
  });
});
