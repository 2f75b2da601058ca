export type { Verdict } from './verdict/kinds';
export { verdictOfWrite } from './verdict/of-write';
export { verdictOfRequest, type RawUpdateRequest } from './verdict/of-request';
