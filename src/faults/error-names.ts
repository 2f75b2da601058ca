/**
 * Names and codes by which SDK clients, services and Node's sockets tell why a call failed. Written without the
 * endings `Exception` and `Error`: the same failure is `ThrottlingException` from one API, `ThrottlingError` in a
 * statement of a batch and `Throttling` from an older service.
 */
export const TRANSIENT_NAMES: ReadonlySet<string> = new Set([
  // throttling
  'ProvisionedThroughputExceeded', 'Throttling', 'Throttled', 'RequestThrottled', 'EC2Throttled', 'RequestLimitExceeded',
  'BandwidthLimitExceeded', 'LimitExceeded', 'TooManyRequests', 'SlowDown', 'PriorRequestNotComplete', 'KMSThrottling',
  // somebody else is writing the same item
  'TransactionConflict', 'TransactionInProgress', 'ReplicatedWriteConflict',
  // the service itself
  'InternalServer', 'InternalFailure', 'Internal', 'ServiceUnavailable', 'ServiceFailure', 'Unavailable',
  // time
  'Timeout', 'RequestTimeout', 'Abort', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT',
  // sockets and name resolution
  'ECONNRESET', 'ECONNREFUSED', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN',
  'ENOTFOUND', 'EAI_AGAIN', 'EMFILE', 'EADDRNOTAVAIL', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_HTTP2_STREAM',
  'UND_ERR_SOCKET', 'Networking',
  // a token or clock that another attempt, in a fresh environment at the latest, finds renewed
  'ExpiredToken', 'RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed',
]);

/** The function is set up wrongly: each of its events would fail alike, until somebody repairs the set-up. */
export const CONFIGURATION_NAMES: ReadonlySet<string> = new Set([
  'AccessDenied', 'NotAuthorized', 'UnauthorizedOperation', 'AuthFailure', 'OptInRequired',
  'UnrecognizedClient', 'InvalidClientTokenId', 'InvalidAccessKeyId', 'InvalidSignature', 'SignatureDoesNotMatch',
  'IncompleteSignature', 'MissingAuthenticationToken', 'CredentialsProvider', 'TokenProvider',
  'ResourceNotFound', 'TableNotFound', 'UnknownEndpoint', 'EndpointProvider',
  'MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND',
  // the key of an encrypted stream
  'KMSAccessDenied', 'KMSDisabled', 'KMSInvalidState', 'KMSNotFound', 'KMSOptInRequired',
  'NO_TABLE', 'NO_STREAM', // our own: nobody has said which one
  'UNSAFE_CLIENT', // our own: it would lose writes
  'NO_TRANSACTIONS', // our own: the endpoint is not DynamoDB's
]);

/** Failures that have a message but no name or code of their own. */
export const TRANSIENT_MESSAGE = /socket hang up|network (?:socket disconnected|timeout)/i;
export const CONFIGURATION_MESSAGE = /^Region is missing|could not load credentials|^Resolved credential object is not valid/i;
