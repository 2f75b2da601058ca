import { createSharedObjects } from '../../../src/locks/shared/objects';
import { endpointEngine } from '../../../src/replay/engines/endpoint';

/** A node of its own: computes for ever, and says so. `node computing-child.js endpoint table leaseMs` */
const [endpoint = '', tableName = '', leaseMs = ''] = process.argv.slice(2);
const { client } = endpointEngine(endpoint);
const objects = createSharedObjects<string>({ client, tableName, defaults: { leaseMs: Number(leaseMs) } });
void objects.compute('x', async () => {
  process.stdout.write('computing\n');
  await new Promise((resolve) => { setTimeout(resolve, 600_000); });
  return 'of the dead';
});
