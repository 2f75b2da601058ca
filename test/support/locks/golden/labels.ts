/**
 * How each recorded label is checked:
 * - `session`: ours is driven as the real client was, and every request is held against the recorded one
 * - `foreign`: the real client against a row that it did not write
 * - `fault`: the real client against an injected fault
 * - `attributes`: what an acquisition does to attributes of others
 * - `schema`: the table
 * `instead`: where ours does not do the same, on purpose.
 */
export interface Checked {
  readonly how: 'session' | 'foreign' | 'fault' | 'attributes' | 'schema';
  readonly instead?: string;
}

const SESSION: Readonly<Record<string, string | undefined>> = {
  'acquire.new': undefined,
  'heartbeat.plain': undefined,
  'heartbeat.data': undefined,
  'heartbeat.deleteData': undefined,
  'heartbeat.lease': undefined,
  'acquire.busy.heartbeated': undefined,
  'heartbeat.beforeRelease': undefined,
  'release.mark.data': undefined,
  'acquire.released.put': undefined,
  'release.mark': undefined,
  'acquire.released.put.consistent': undefined,
  'acquire.released.update': undefined,
  'acquire.released.update.consistent': undefined,
  'acquire.expired.put': undefined,
  'acquire.expired.update': undefined,
  'release.delete': undefined,
  'acquire.new.update': undefined,
  'acquire.skipWait.held': undefined,
  'acquire.skipWait.stale': undefined,
  'getLock.sameOwnerName.thenRelease': 'what was only looked at has no release: the update by which Java gives back a lock of its namesake is never sent',
  'acquire.k2.again': undefined,
  'getLock.other': undefined,
  'acquire.onlyIfExists.missing': undefined,
  getAll: undefined,
  getByPk: undefined,
  'release.stolen': undefined,
  'heartbeat.afterReleaseMark': 'a lock that was released is not renewed: the update that Java sends is never sent',
};

const FOREIGN: Readonly<Record<string, string | undefined>> = {
  'held.ok': undefined,
  'isReleased.S1': undefined,
  'isReleased.BOOLtrue': 'an error at once; Java tries in vain until its time is over',
  'isReleased.BOOLfalse': 'an error at once; Java tries in vain until its time is over',
  'isReleased.S0': 'an error at once; Java tries in vain until its time is over',
  'lease.N': 'an error that says what is wrong with the row, where Java has a NumberFormatException',
  'lease.go': 'an error that says what is wrong with the row, where Java has a NumberFormatException',
  'lease.decimal': 'an error that says what is wrong with the row, where Java has a NumberFormatException',
  'lease.missing': 'an error that says what is wrong with the row, where Java has a NullPointerException',
  'data.S': 'an error that says what is wrong with the row, where Java has a NullPointerException',
  'owner.missing': 'an error that says what is wrong with the row, where Java has a NullPointerException',
  'rvn.missing': 'an error that says what is wrong with the row, where Java has a NullPointerException',
  'rvn.N': 'an error that says what is wrong with the row, where Java has a NullPointerException',
  'getAll.withNonLockItem': 'all locks are listed and the other rows are reported, where Java ends with a NullPointerException',
};

const FAULT: Readonly<Record<string, string>> = {
  'acquire.dropResponse.noSdkRetry': 'acquired with one more read, where Java waits for its own lease to run out',
  'acquire.dropResponse.sdkRetry': 'acquired without another request, where Java waits for its own lease to run out',
  'heartbeat.dropResponse.noSdkRetry': 'still held, where Java takes its own renewal for somebody else\'s',
  'heartbeat.dropResponse.sdkRetry': 'still held, where Java takes its own renewal for somebody else\'s',
  'release.dropResponse.sdkRetry': 'released, where Java says that it was not',
  'heartbeat.503.hold=true': 'held on, as Java does; by the row, nothing has changed',
  'heartbeat.503.hold=false': 'renewed once more while the lease lasts, where Java throws',
  'acquire.500': 'tried again until the time is over, where the error escapes from Java',
};

const all = (prefix: string, how: Checked['how'], labels: Readonly<Record<string, string | undefined>>): [string, Checked][] =>
  Object.entries(labels).map(([label, instead]) => [`${prefix}.${label}`, { how, ...(instead === undefined ? {} : { instead }) }]);

export const LABELS: Readonly<Record<string, Checked>> = Object.fromEntries([
  ['createTable.hash', { how: 'schema' }],
  ['createTable.range', { how: 'schema' }],
  ...all('hash', 'session', SESSION),
  ...all('range', 'session', SESSION),
  ...all('foreign', 'foreign', FOREIGN),
  ['attrs.defaultPut', { how: 'attributes' }],
  ['attrs.updateExisting', { how: 'attributes' }],
  ...all('fault', 'fault', FAULT),
]);

export const labelsOf = (how: Checked['how'], prefix = ''): readonly string[] =>
  Object.keys(LABELS).filter((label) => LABELS[label]?.how === how && label.startsWith(prefix));
