import { isOplockStreamError, OplockStreamError } from '../../errors';
import { unreachable } from '../../replay/engines/client-engine';
import type { LocksArgs } from './args';
import { printable } from '../../printable';
import { shown } from './printable';
import type { Connection } from './world';

const PERMISSIONS: Record<LocksArgs['command'], string> = {
  list: 'dynamodb:Scan',
  show: 'dynamodb:GetItem',
  watch: 'dynamodb:GetItem',
  break: 'dynamodb:GetItem and dynamodb:UpdateItem',
};

const REFUSED_CREDENTIALS = /^(?:ExpiredToken|UnrecognizedClient|InvalidSignature|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken)/;

/** An error as the one at the keyboard needs it: what is wrong, and what to do next. What nobody has foreseen stays as it is. */
export const explainProblem = async (error: unknown, args: LocksArgs, connection: Connection): Promise<unknown> => {
  // The lock client wraps what the table answered.
  const answer: unknown = isOplockStreamError(error) && error.code === 'LOCK_BACKEND' ? error.cause : error;
  const { name, message } = (answer ?? {}) as { readonly name?: unknown; readonly message?: unknown };
  const say = (code: string, text: string): OplockStreamError => new OplockStreamError(code, printable(text), { cause: error });
  if (name === 'ResourceNotFoundException') return say('TABLE_MISSING', `There is no table ${shown(args.table)} at ${await placeOf(connection)}. Compare --table, --region and --endpoint with where the locks are.`);
  if (typeof name === 'string' && /^AccessDenied/.test(name)) return say('ACCESS_DENIED', `${String(message)}. oplock locks ${args.command} needs ${PERMISSIONS[args.command]} on the table.`);
  if (typeof name === 'string' && REFUSED_CREDENTIALS.test(name)) return say('ACCESS_DENIED', `The credentials are refused (${name}: ${String(message)}). Sign in again, or choose others as for the AWS CLI (AWS_PROFILE).`);
  if (name === 'ValidationException') return say('KEY_MISMATCH', `The table answered ${name}: ${String(message)}. ${keyHint(args)}`);
  if (isWrongKey(error)) return say('KEY_MISMATCH', `The rows of table ${shown(args.table)} have no such key. ${keyHint(args)}`);
  const away = unreachable(connection.endpoint, answer);
  if (away) return say(away.code, away.message);
  if (isOplockStreamError(error)) return say(error.code, error.message);
  return answer instanceof Error && '$fault' in answer ? say('TABLE_ANSWER', `The table answered ${answer.name}: ${answer.message}`) : error;
};

const isWrongKey = (error: unknown): boolean =>
  isOplockStreamError(error) && error.code === 'INVALID_OPTION' && (error.details['option'] === 'partitionKeyName' || error.details['option'] === 'sortKeyName');

const keyHint = ({ partitionKey = 'key', sortKeyName }: LocksArgs): string =>
  `Say how the table calls its key: --partition-key (now ${shown(partitionKey)}) and --sort-key-name (now ${sortKeyName === undefined ? 'none' : shown(sortKeyName)}).`;

const placeOf = async ({ client, endpoint }: Connection): Promise<string> => {
  const region = await client.config.region().catch(() => undefined);
  return `${endpoint ?? 'the AWS service'}${region === undefined ? '' : ` (region ${region})`}`;
};
