import { access, constants, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { OplockStreamError } from '../../errors';
import type { PlainItem } from './plain';

/** Reads a table file: a JSON array of plain items, `.gz` or not. Errors: `TABLE_FILE_INVALID`. */
export const readTableFile = async (path: string): Promise<PlainItem[]> => {
  let items: unknown;
  try {
    const bytes = await readFile(path);
    items = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  } catch (error) {
    throw new OplockStreamError('TABLE_FILE_INVALID', `The table file ${path} cannot be read: ${(error as Error).message}. It is a JSON array of items, as --dump writes it.`, { cause: error });
  }
  if (!Array.isArray(items) || items.some((item) => typeof item !== 'object' || item === null || Array.isArray(item))) {
    throw new OplockStreamError('TABLE_FILE_INVALID', `The table file ${path} is not a JSON array of items. Write one with --dump and check it.`);
  }
  return items as PlainItem[];
};

/** Writes one item per line, so that a version control system shows what changed; `.gz` is packed. Errors: `TABLE_FILE_UNWRITABLE`. */
export const writeTableFile = async (path: string, items: readonly PlainItem[]): Promise<void> => {
  const text = items.length === 0 ? '[]\n' : `[\n${items.map((item) => JSON.stringify(item)).join(',\n')}\n]\n`;
  try {
    await writeFile(path, path.endsWith('.gz') ? gzipSync(text, { level: 9 }) : text);
  } catch (error) {
    throw unwritable(path, error);
  }
};

/** For those who have long work to do before they write. Errors: `TABLE_FILE_UNWRITABLE`. */
export const checkTableFolder = async (path: string): Promise<void> => {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
};

const unwritable = (path: string, error: unknown): OplockStreamError =>
  new OplockStreamError('TABLE_FILE_UNWRITABLE', `The table file ${path} cannot be written: ${(error as Error).message}. Check that its folder is there.`, { cause: error });
