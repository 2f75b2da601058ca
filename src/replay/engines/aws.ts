import type { Engine } from './engine';
import { clientEngine, requestHandler } from './client-engine';

/**
 * The AWS service, with the region and credentials that the SDK finds. It makes and removes no table:
 * `createTable` checks that the table is there and has the expected key.
 */
export const awsEngine = (options: { readonly region?: string } = {}): Engine => clientEngine({
  name: 'aws',
  config: { requestHandler, ...(options.region === undefined ? {} : { region: options.region }) },
  onlyCheck: true,
});
