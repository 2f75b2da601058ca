/** What the parent and the process of a function say to each other. Payloads are JSON text, as they are to Lambda. */
export type ToFunction = {
  readonly type: 'invoke';
  readonly payload: string;
  readonly context: InvocationFacts;
};

export type FromFunction =
  /** The module is loaded. */
  | { readonly type: 'ready' }
  /** The module cannot be loaded, or has no such export: the process ends. */
  | { readonly type: 'unusable'; readonly error: ErrorReport }
  | { readonly type: 'response'; readonly payload: string }
  | { readonly type: 'failure'; readonly error: ErrorReport };

/** The plain part of Lambda's context object. */
export interface InvocationFacts {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Epoch ms at which the invocation is cut off; becomes `getRemainingTimeInMillis`. */
  readonly deadline: number;
}

/** An error in the words of Lambda. */
export interface ErrorReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}
