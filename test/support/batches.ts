import { BatchExecuteStatementCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** What becomes of one statement: an error instead of it, or `lost`: it is done, and answered with an error. */
export type StatementTrouble = { readonly Code: string; readonly lost?: true } | undefined;

export interface SeenStatement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

/** What a client was asked for, in order: a batch by its statements, everything else by the name of its command. */
export type Asked = readonly SeenStatement[] | string;

export interface Watching {
  /** Of each statement, in the order in which they are asked. */
  readonly statement?: (seen: SeenStatement, number: number) => StatementTrouble;
  /** Of a whole batch: thrown instead of sending it. */
  readonly batch?: (statements: readonly SeenStatement[], number: number) => Error | undefined;
  readonly before?: (asked: Asked, input: object) => void | Promise<void>;
  readonly answers?: (responses: readonly unknown[]) => readonly unknown[];
}

interface Response {
  readonly Responses?: readonly object[];
}

/** A real client that keeps what it is asked for, and has the troubles that it is told. */
export const watchBatches = (real: DynamoDBDocumentClient, { statement = () => undefined, batch = () => undefined, before, answers = (same) => same }: Watching = {}) => {
  const asked: Asked[] = [];
  const inputs: object[] = [];
  const batches = (): (readonly SeenStatement[])[] => asked.filter((one) => typeof one !== 'string');
  let statements = 0;
  const sendBatch = async (command: BatchExecuteStatementCommand, options: object): Promise<object> => {
    const { Statements = [] } = command.input;
    const seen = Statements.map(({ Statement: text = '', Parameters: parameters = [] }) => ({ text, parameters }));
    asked.push(seen);
    const failure = batch(seen, batches().length);
    await before?.(seen, command.input);
    if (failure) throw failure;
    const troubles = seen.map((one) => statement(one, (statements += 1)));
    const sent = Statements.filter((_one, i) => !troubles[i] || troubles[i].lost);
    const { Responses: given = [] } = sent.length === 0 ? {} : await real.send(new (command.constructor as typeof BatchExecuteStatementCommand)({ ...command.input, Statements: sent }), options) as Response;
    const rest = [...given];
    const Responses = troubles.map((trouble) => {
      const own = !trouble || trouble.lost ? rest.shift() : undefined;
      return trouble ? { Error: { Code: trouble.Code, Message: 'as told' } } : own;
    });
    return { Responses: answers(Responses) };
  };
  const send = async (command: { readonly input: object; readonly constructor: { readonly name: string } }, options: object): Promise<unknown> => {
    if (command instanceof BatchExecuteStatementCommand) return sendBatch(command, options);
    asked.push(command.constructor.name);
    inputs.push(command.input);
    await before?.(command.constructor.name, command.input);
    return real.send(command as never, options);
  };
  const singles = (): string[] => asked.filter((one) => typeof one === 'string');
  return { asked, inputs, batches, singles, client: new Proxy(real, { get: (target, name) => (name === 'send' ? send : Reflect.get(target, name) as unknown) }) };
};

/** The first word of each statement of each batch: `UPDATE 25` of a batch of 25 of them. */
export const shapeOf = (statements: readonly SeenStatement[]): string => {
  const verbs = statements.map(({ text }) => text.slice(0, text.indexOf(' ')));
  return [...new Set(verbs)].sort().map((verb) => `${verb} ${verbs.filter((one) => one === verb).length}`).join(', ');
};
