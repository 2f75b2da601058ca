import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { flatten, readFixture, type StreamEvent } from '../../../src/replay/fixture/read';

let folder: string;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'oplock-test-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};

const readAll = async (path: string): Promise<StreamEvent[]> => {
  const events: StreamEvent[] = [];
  for await (const event of readFixture(path)) events.push(event);
  return events;
};

const LINES = '{"Records":[1,2]}\n\n{"Records":[]}\r\n{"Records":["€ü🙂"]}';

test.each([
  ['plain.jsonl', LINES],
  ['packed.jsonl.gz', gzipSync(LINES)],
  ['marked.jsonl', `\uFEFF${LINES}`],
])('%s is read line by line, empty lines left out, the last one without a line end', async (name, content) => {
  const events = await readAll(await write(name, content));
  expect(events).toEqual([{ Records: [1, 2] }, { Records: [] }, { Records: ['€ü🙂'] }]);
  expect(flatten(events)).toEqual([1, 2, '€ü🙂']);
});

test('lines longer than the chunks of a file are put together, characters are not torn', async () => {
  const long = { Records: Array.from({ length: 30_000 }, (_, at) => `${at}€`) };
  const path = await write('long.jsonl', `${JSON.stringify(long)}\n${JSON.stringify(long)}\n`);
  expect(await readAll(path)).toEqual([long, long]);
});

test.each([
  ['{"Records":[]}\n{"Records":[}\n', ':2 is not JSON'],
  ['{"Records":[]}\n\n[]\n', ':3 has no array `Records`'],
  ['null', ':1 has no array `Records`'],
  ['{"Records":{}}', ':1 has no array `Records`'],
])('%j: the error names file and line', async (content, message) => {
  const path = await write('bad.jsonl', content);
  await expect(readAll(path)).rejects.toMatchObject({ code: 'FIXTURE_INVALID', message: expect.stringContaining(path + message) });
});

test('a missing file, a folder, a .gz that is none and one cut short are errors that name the file', async () => {
  const cut = gzipSync(`${LINES}\n`.repeat(1_000));
  for (const path of [
    join(folder, 'absent.jsonl'),
    join(folder, 'absent.jsonl.gz'),
    folder,
    await write('false.jsonl.gz', LINES),
    await write('cut.jsonl.gz', cut.subarray(0, cut.length - 20)),
  ]) {
    await expect(readAll(path)).rejects.toMatchObject({ code: 'FIXTURE_UNREADABLE', message: expect.stringContaining(path) });
  }
});
