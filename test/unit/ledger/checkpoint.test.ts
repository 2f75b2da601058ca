import { lowestByShard } from '../../../src/ledger/checkpoint';
import type { Origin } from '../../../src/uow';

const at = (shard: string, identifier: string, sourceScope = 'arn:1'): Origin =>
  ({ source: 'kinesis', sourceScope, shard, identifier, subSequence: 0, key: 'k', clock: 'producer' });

test('the lowest number of each shard, whatever the order and the length of the numbers', () => {
  const lowest = lowestByShard([
    at('s0', '1000'), at('s1', '49590338271490256608559692538361571095921575989136588899'), at('s0', '999'), at('s0', '1001'),
    at('s1', '49590338271490256608559692538361571095921575989136588898'), at('s0', '0998', 'arn:2'), at('s0', '00999', 'arn:2'),
  ]);
  expect([...lowest.values()]).toEqual(['999', '49590338271490256608559692538361571095921575989136588898', '0998']);
});
