import { materialize, type OplockGroups, type Rule, type RuleUow } from '../../../../src';
import { converge, type ConvergeReport } from '../../../../src/replay';
import { event } from './planted';

const key = { pk: 'thing-1', sk: 'thing' };

/** Events say of a thing what they know. */
const rulesWith = (groups?: OplockGroups): Rule[] => [{
  id: 'thing', flavor: materialize, ...(groups && { groups }),
  toWrite: ({ event: { type, says } }: RuleUow) => (type === 'deleted' ? { key, tombstone: true } : { key, set: says as Record<string, unknown> }),
} as unknown as Rule];

const GROUPS = { profile: ['name', 'email'], address: ['street'] };
const events = [
  event('e1', 'created', 100, { says: { name: 'a', email: 'a@b', street: 's', size: 1 } }),
  event('e2', 'moved', 200, { says: { street: 't' } }),
  event('e3', 'deleted', 200, {}),
  event('e4', 'renamed', 200, { says: { name: 'b', email: 'b@c' } }),
  event('e5', 'grown', 300, { says: { size: 2, street: 'u' } }),
];
const test = (rules: Rule[], list = events): Promise<ConvergeReport> => converge({ rules, events: list, runs: 200 });

describe('converge, and groups', () => {
  it('passes events that each tell the whole of some groups, with a delete among them', async () => {
    const report = await test(rulesWith(GROUPS));
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ converges: true, runs: 200 });
  });

  it('finds that the same events lose data without, and says that groups are the cure', async () => {
    const { failure } = await test(rulesWith());
    expect(failure?.explanation).toMatchObject({ cause: 'partial-updates', text: expect.stringContaining('Put them in `groups`') });
  });

  it('finds an event that tells a part of a group, and does not say that groups are missing', async () => {
    const { failure } = await test(rulesWith(GROUPS), [...events.slice(0, 1), event('e6', 'renamed', 400, { says: { name: 'c' } })]);
    expect(failure?.explanation).toMatchObject({ cause: 'partial-updates', attributes: ['email'], text: expect.stringMatching(/oplock, `timestamp_profile`: .+ must name all of them/) });
    expect(failure?.explanation.text).not.toContain('Put them in');
  });
});
