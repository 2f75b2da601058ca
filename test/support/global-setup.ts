import { hasJava, startLocalProcess, type LocalProcess } from '../../src/replay/engines/local-process';

declare global {
  var oplockLocalProcess: LocalProcess | undefined;
}

/**
 * One DynamoDB Local for the whole run. It is not waited for: tests that need it do that themselves, so a run of
 * unit tests is not slower for it. An OPLOCK_LOCAL_ENDPOINT of the caller's own is left as it is.
 */
export default async (): Promise<void> => {
  if (process.env['OPLOCK_LOCAL_ENDPOINT']) return;
  if (!hasJava()) {
    process.env['OPLOCK_LOCAL_ABSENT'] = 'no `java` on the PATH';
    if (process.env['OPLOCK_REQUIRE_JAVA'] !== '1') {
      process.stderr.write('\nNOTE: Java was not found: tests on DynamoDB Local are SKIPPED. Install Java 17 to run them (OPLOCK_REQUIRE_JAVA=1 makes this an error).\n');
    }
    return;
  }
  const local = await startLocalProcess();
  globalThis.oplockLocalProcess = local;
  process.env['OPLOCK_LOCAL_ENDPOINT'] = `http://127.0.0.1:${local.port}`;
};
