import type { RequestHeaders } from './headers';
import { preconditionOf, type Precondition } from './precondition';

/** What a response depends on. */
export interface RequestOptions {
  /** Of which precondition and method are read: that of `httpApi`, of fetch, of Express. */
  readonly request?: { readonly method?: string | undefined; readonly headers?: RequestHeaders | undefined } | undefined;
  /** In place of the request's. */
  readonly precondition?: Precondition | undefined;
  /** In place of the request's. */
  readonly method?: string | undefined;
}

export const factsOf = ({ request, precondition = preconditionIn(request?.headers), method = request?.method }: RequestOptions): Pick<RequestOptions, 'precondition' | 'method'> =>
  ({ precondition, method });

/** Headers that cannot be read were refused for that, or did not matter. */
const preconditionIn = (headers: RequestHeaders | undefined): Precondition | undefined => {
  try {
    return preconditionOf(headers, { required: false });
  } catch {
    return undefined;
  }
};
