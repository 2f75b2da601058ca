import { invalid } from '../fault';
import { tokenizeStatement, type PartiqlToken } from './tokens';

/** A place in a statement, and the placeholders that its names and parameters have got so far. */
export interface StatementReader {
  readonly token: () => PartiqlToken;
  readonly next: () => PartiqlToken;
  /** Takes the symbol or keyword if it is next. */
  readonly take: (text: string) => boolean;
  readonly expect: (text: string) => void;
  /** The placeholder of a name. */
  readonly name: (name: string) => string;
  /** The placeholder of a value in typed form; of the next parameter when none is given. */
  readonly value: (value?: unknown) => string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly finish: () => void;
}

export const malformed = (found: PartiqlToken): Error => invalid(`Statement wasn't well formed, can't be processed: unexpected ${found.text || 'end of statement'}`);

export const readStatement = (statement: string, parameters: readonly unknown[]): StatementReader => {
  const tokens = tokenizeStatement(statement);
  let position = 0;
  let used = 0;
  const [names, values]: [Record<string, string>, Record<string, unknown>] = [{}, {}];
  const placeholders = new Map<string, string>();
  const token = (): PartiqlToken => tokens[position] ?? { kind: 'end', text: '' };
  const next = (): PartiqlToken => {
    const found = token();
    position += 1;
    return found;
  };
  const take = (text: string): boolean => {
    const { kind, text: found } = token();
    const matches = (kind === 'symbol' && found === text) || (kind === 'word' && found.toUpperCase() === text);
    if (matches) position += 1;
    return matches;
  };
  return {
    token, next, take, names, values,
    expect: (text) => {
      if (!take(text)) throw malformed(token());
    },
    name: (name) => {
      const placeholder = placeholders.get(name) ?? `#p${placeholders.size}`;
      placeholders.set(name, placeholder);
      names[placeholder] = name;
      return placeholder;
    },
    value: (value) => {
      const placeholder = `:p${Object.keys(values).length}`;
      if (value === undefined && used >= parameters.length) throw invalid('Number of parameters in request and statement don\'t match.');
      values[placeholder] = value ?? parameters[used];
      if (value === undefined) used += 1;
      return placeholder;
    },
    finish: () => {
      if (token().kind !== 'end') throw malformed(token());
      if (used < parameters.length) throw invalid('Number of parameters in request and statement don\'t match.');
    },
  };
};

/** A quoted or bare name. */
export const readName = (reader: StatementReader): string => {
  const { kind, text } = reader.next();
  if ((kind !== 'name' && kind !== 'word') || text === '') throw malformed({ kind, text });
  return text;
};

/** `"a"."b"[0]` with placeholders. */
export const readPath = (reader: StatementReader): string => {
  let path = reader.name(readName(reader));
  for (;;) {
    if (reader.take('.')) {
      path += `.${reader.name(readName(reader))}`;
    } else if (reader.take('[')) {
      const { kind, text } = reader.next();
      if (kind !== 'number') throw malformed({ kind, text });
      path += `[${text}]`;
      reader.expect(']');
    } else {
      return path;
    }
  }
};

/** A parameter or a literal; `undefined` when something else is next. */
export const readValue = (reader: StatementReader): string | undefined => {
  const { kind, text } = reader.token();
  const literal = kind === 'text' ? { S: text } : kind === 'number' ? { N: text } : kind === 'word' ? WORDS[text.toUpperCase()] : undefined;
  if (kind !== 'parameter' && !literal) return undefined;
  reader.next();
  return reader.value(literal);
};

/** `(first, second)`, after the name of a function, which is next. */
export const readPair = <A, B>(reader: StatementReader, first: (reader: StatementReader) => A, second: (reader: StatementReader) => B): readonly [A, B] => {
  reader.next();
  reader.expect('(');
  const a = first(reader);
  reader.expect(',');
  const b = second(reader);
  reader.expect(')');
  return [a, b];
};

const WORDS: Readonly<Record<string, object>> = { TRUE: { BOOL: true }, FALSE: { BOOL: false }, NULL: { NULL: true } };
