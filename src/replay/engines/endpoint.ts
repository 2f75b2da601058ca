import { OplockStreamError } from '../../errors';
import type { Engine } from './engine';
import { clientEngine, localCredentials, requestHandler } from './client-engine';

export interface EndpointOptions {
  /** Default: fixed credentials that no local server checks; your own are never sent unless you give them here. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Default `local`. DynamoDB Local keeps the tables of each region apart. */
  readonly region?: string;
}

const endpointUrl = (given: string): string => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new OplockStreamError('ENDPOINT_INVALID', `The endpoint ${JSON.stringify(given)} is not a URL. Give one like http://127.0.0.1:8000.`);
  }
  if (/(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/i.test(url.hostname)) {
    throw new OplockStreamError('ENDPOINT_INVALID', `${url.hostname} is the AWS service: use the aws engine, which signs with your credentials (oplock locks: leave --endpoint out).`);
  }
  return url.href.replace(/\/$/, '');
};

/** Any server that speaks DynamoDB's protocol (DynamoDB Local, ScyllaDB Alternator, …) at a URL. Errors: `ENDPOINT_INVALID`. */
export const endpointEngine = (url: string, options: EndpointOptions = {}): Engine => {
  const endpoint = endpointUrl(url);
  return clientEngine({
    name: 'endpoint',
    endpoint,
    config: {
      endpoint, region: options.region ?? 'local', credentials: options.credentials ?? localCredentials, requestHandler,
    },
  });
};
