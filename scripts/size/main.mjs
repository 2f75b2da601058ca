import { parseArgs } from 'node:util';
import { bundleHandlers } from './bundles.mjs';
import { importTimes } from './import-time.mjs';
import { partsOf } from './why.mjs';

const HELP = `npm run size [-- options]

Bundles typical handlers with the line of the README, and says how large they are. Exit code 1: one is above its budget
in scripts/size/budget.json.

  --json     an array of { id, bytes, gzip, whole, budget, met, importMs, importToSdk }
  --why      what each bundle is made of: the packages with the most bytes
  --bytes    no import times
  --help     this text

kB are 1,000 bytes. "whole" is the bundle without the README's --external. "import" is the
CPU time of a fresh process that loads the bundle, median of 11, "to sdk" its ratio to that of the document client alone
in the same round: information, which depends on the machine, and is never compared with a budget. "sdk" has nothing of oplock-stream, and no budget.`;

const MOST = 15;
const kB = (bytes) => (bytes / 1000).toFixed(1);

const options = { json: { type: 'boolean' }, why: { type: 'boolean' }, bytes: { type: 'boolean' }, help: { type: 'boolean' } };

const read = () => {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
};

const table = (bundles, times) => {
  const rows = [
    ['', 'kB', 'gzip', 'whole', 'budget', '', ...(times ? ['import ms', 'to sdk'] : [])],
    ...bundles.map(({ id, bytes, gzip, whole, budget, met }) => {
      const time = times?.get(id);
      return [id, kB(bytes), kB(gzip), kB(whole), budget ? kB(budget) : '', budget ? (met ? 'ok' : 'OVER') : '', ...(time ? [time.ms.toFixed(0), time.toSdk.toFixed(2)] : [])];
    }),
  ];
  const widths = rows[0].map((_head, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
};

const { json, why, bytes: bytesOnly, help } = read();
if (help) {
  console.log(HELP);
} else {
  const bundles = await bundleHandlers();
  const times = bytesOnly ? undefined : importTimes(bundles);
  if (json) {
    const rows = bundles.map(({ id, bytes, gzip, whole, budget, met }) => {
      const time = times?.get(id);
      return { id, bytes, gzip, whole, ...(budget && { budget, met }), ...(time && { importMs: time.ms, importToSdk: time.toSdk }) };
    });
    console.log(JSON.stringify(rows, undefined, 2));
  } else {
    console.log(table(bundles, times));
  }
  if (why && !json) {
    for (const { id, inputs } of bundles) {
      console.log(`\n${id}`);
      for (const [part, bytes] of partsOf(inputs).slice(0, MOST)) console.log(`${kB(bytes).padStart(8)}  ${part}`);
    }
  }
  const over = bundles.filter(({ met }) => !met);
  for (const { id, bytes, budget } of over) {
    console.error(`${id}: ${bytes - budget} bytes above the budget. See what it is made of (--why), load less, or raise the budget in scripts/size/budget.json`);
  }
  process.exitCode = over.length > 0 ? 1 : 0;
}
