// `fast-check` of the tests (jest.config.mjs): the same histories in each run, so that a red run is the change's doing and
// not the dice's. `npm run hunt` takes others, until one fails.
const fc = require('../../node_modules/fast-check/lib/cjs/fast-check.js');

const seed = process.env.OPLOCK_TEST_SEED ?? '1';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

module.exports = fc;
