import { flagOf } from '../../../scripts/simulate/command/args';
import { GROUPS, HELP } from '../../../scripts/simulate/command/help';
import { collect, main } from '../../../scripts/simulate/main';
import { PRESETS } from '../../../scripts/simulate/presets';
import { DEFAULTS } from '../../../scripts/simulate/settings';
import type { Figures } from '../../../scripts/simulate/report/figures';

const SHORT = ['--minutes', '0.1'];

const run = async (...argv: string[]) => {
  let stdout = '';
  let stderr = '';
  const code = await main(argv, (text) => { stdout += text; }, (text) => { stderr += text; });
  return { code, stdout, stderr };
};

const figures = async (...argv: string[]) => JSON.parse(await collect([...SHORT, '--json', ...argv])) as Figures;

describe('npm run simulate', () => {
  it('explains each option once', async () => {
    expect((await run('--help')).stdout).toBe(HELP);
    expect(Object.values(GROUPS).flat().sort()).toEqual(Object.keys(DEFAULTS).sort());
    for (const name of Object.keys(DEFAULTS)) expect(HELP).toContain(`  ${flagOf(name)} <`);
    for (const name of Object.keys(PRESETS)) expect(HELP).toContain(`  ${name} `);
  });

  it.each([
    [['--rate', 'x'], '--rate is "x": give a number from 0.01 to 1000000.'],
    [['--shards', '1.5'], '--shards is "1.5": give a whole number from 1 to 4096.'],
    [['--factor', '11'], '--factor is "11": give a whole number from 1 to 10.'],
    [['--strategy', 'both'], '--strategy is "both": there are auto, batch, single.'],
    [['--preset', 'toString'], '--preset is "toString": there are ticket-sale,'],
    [['--sweep', 'shard=1'], '--sweep is "shard=1": give an option and its values'],
    [['--sweep', 'shards='], '--sweep is "shards=": give an option and its values'],
    [['--sweep', 'shards=1,0'], '--shards is "0"'],
    [['--max-age', '0'], '--max-age is "0": give seconds.'],
    [['--rate', '1000000'], '300 million events'],
    [['--sweep', 'minutes=1,1440'], 'at most 20 million'],
    [['--no-such'], '\'--no-such\''],
    [['left'], '\'left\''],
  ])('refuses %j', async (argv, message) => {
    const { code, stdout, stderr } = await run(...argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
  });

  it('takes settings from the preset, and flags before them', async () => {
    const { settings } = await figures('--preset', 'one-hot-key', '--rate', '50');
    expect(settings).toMatchObject({ ...PRESETS['one-hot-key']?.settings, rate: 50, minutes: 0.1 });
  });

  it('prices a month at what the run costs', async () => {
    const { writes, costPerMonth, costOfRun } = await figures('--rate', '100', '--item-kb', '1.5', '--unit-price', '2', '--strategy', 'single');
    expect(writes.units).toBe(2 * writes.requests);
    expect(costOfRun.units).toBeCloseTo(writes.units * 2 / 1e6, 10);
    expect(costPerMonth.units).toBeCloseTo(costOfRun.units * 730 * 3600 / 6, 6);
    expect(costPerMonth.total).toBeCloseTo(costPerMonth.units + costPerMonth.functions + costPerMonth.stream, 6);
    expect((await figures('--source', 'dynamodb')).costOfRun.stream).toBe(0);
  });

  it('makes a row of each pair of values', async () => {
    const { code, stdout } = await run(...SHORT, '--rate', '50', '--sweep', 'shards=1,2', '--sweep', 'fold=yes,no');
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(1, 5).map((line) => line.split(/\s+/).slice(0, 2))).toEqual([['1', 'yes'], ['1', 'no'], ['2', 'yes'], ['2', 'no']]);
  });

  it('says where AWS would not play along', async () => {
    expect((await figures('--minutes', '0.5', '--rate', '1500')).limits).toEqual([expect.stringContaining('a shard of Kinesis takes 1,000')]);
    expect((await figures('--minutes', '0.5', '--rate', '1500', '--source', 'dynamodb')).limits).toEqual([]);
    expect((await figures('--minutes', '0.5', '--rate', '1500', '--shards', '4', '--hot', '1', '--fold', 'no', '--source', 'dynamodb')).limits).toEqual([expect.stringContaining('one item is to take')]);
  });

  it('advises settings that keep the age, the cheapest first', async () => {
    const advice = JSON.parse(await collect(['--rate', '1500', '--minutes', '0.2', '--strategy', 'batch', '--advise', '--max-age', '2', '--json'])) as Figures[];
    expect(advice.length).toBeGreaterThan(0);
    for (const one of advice) {
      expect(one).toMatchObject({ keepsUp: true, limits: [] });
      expect(one.iteratorAge.max).toBeLessThanOrEqual(2);
      expect(one.settings.shards).toBeGreaterThanOrEqual(2); // what Kinesis takes
    }
    const totals = advice.map(({ costPerMonth }) => costPerMonth.total);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  });

  it('says so when no setting keeps the age', async () => {
    expect(await collect(['--rate', '1500', '--hot', '1', '--minutes', '0.2', '--advise'])).toContain('Nothing keeps the iterator age below 5 s');
  });

  it('draws the age over time', async () => {
    const { stdout } = await run(...SHORT, '--rate', '100');
    const rows = stdout.split('\n').filter((line) => line.includes('│'));
    expect(rows).toHaveLength(4);
    expect(rows.at(-1)).toMatch(/0 │[·▁▂▃▄▅▆▇█]{60}$/);
  });
});
