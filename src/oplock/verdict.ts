export type { Verdict } from './verdict/kinds';
export { verdictOfRequest, type RawUpdateRequest } from './verdict/of-request';
