import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';

/** What faults and logs show must be the same in a minified bundle, where classes have names of one letter. */
it('keeps the names of errors in a minified bundle', () => {
  const { outputFiles } = buildSync({
    stdin: {
      resolveDir: join(__dirname, '..', '..', 'src'),
      contents: `
        import { OplockStreamError } from './errors';
        import { FutureEventError } from './oplock/future';
        import { DeadlineError } from './retry';
        import { InvalidRecordError } from './sources/contract';
        import { CommandError, ItemExistsError, ItemMissingError, OplockConflictError } from './bff/errors';
        import { TransactionRejectedError } from './bff/or-throw';
        import { DomainConflictError, PreconditionRequiredError } from './bff/http/errors';
        const at = { key: { pk: 'a' }, expected: 1, current: {}, version: 2, attempts: 1, kind: 'conflict', name: 'a' };
        names = [
          new OplockStreamError('A', ''), new FutureEventError('a', 2, 1, 0), new DeadlineError(), new InvalidRecordError({ source: '', record: '' }, '', '', ''), new CommandError('A', 400, ''),
          new OplockConflictError(at), new ItemMissingError(at), new ItemExistsError(at), new TransactionRejectedError([at]), new DomainConflictError('A', ''), new PreconditionRequiredError(),
        ].map(({ name }) => name);`,
    },
    bundle: true, minify: true, platform: 'node', format: 'cjs', write: false,
  });
  const context = { names: [] as string[], require, Buffer, process };
  runInNewContext(outputFiles[0]?.text ?? '', context);
  expect([...context.names]).toEqual([
    'OplockStreamError', 'FutureEventError', 'DeadlineError', 'InvalidRecordError', 'CommandError', 'OplockConflictError', 'ItemMissingError', 'ItemExistsError',
    'TransactionRejectedError', 'DomainConflictError', 'PreconditionRequiredError',
  ]);
});
