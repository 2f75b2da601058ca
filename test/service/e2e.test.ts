import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../src/replay/fixture/random';
import { runE2e, type E2eReport } from '../../src/service/local/e2e/e2e';
import { readServerless } from '../../src/service/local/read-serverless';
import { describeLocal } from '../support/engines';
import { bundleService } from './support/bundles';

const ROOT = join(__dirname, '..', '..');

/** A short `npm run e2e`, with a DynamoDB Local of its own. */
describeLocal('the whole service on a bad day', () => {
  let report: E2eReport;

  beforeAll(async () => {
    const bundles = bundleService();
    try {
      report = await runE2e({
        definition: readServerless(join(ROOT, 'serverless.yml'), { stage: 'test' }), ...bundles,
        clients: 8, seats: 3, edits: 5, random: seededRandom(20261121),
      });
    } finally {
      rmSync(bundles.root, { recursive: true });
    }
  }, 180_000);

  it('loses, doubles and invents nothing, and the view is the source', () => {
    expect(report.wrong).toEqual([]);
    expect(report.accepted).toBe(40);
    expect(report.view.seats).toBe(5);
  });

  it('was a bad day', () => {
    const { lostResponses, serverErrors, throttled, killed } = report.injected;
    expect([lostResponses, serverErrors, throttled].every((count) => count > 0)).toBe(true);
    expect(Object.values(killed).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    expect(report.refused).toBeGreaterThan(0);
  });
});
