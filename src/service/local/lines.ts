import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Hands over what a stream says line by line, also the last one without an end. */
export const eachLine = (stream: Readable, take: (line: string) => void): void => {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  stream.on('end', () => {
    rest += decoder.end();
    if (rest !== '') take(rest);
  });
};
