import { devNull } from 'node:os';

/** What an environment needs to know of its function. */
export interface EnvironmentFacts {
  readonly functionName: string;
  readonly region: string;
  readonly memoryMB: number;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The environment variables of a function: those that Lambda sets, then the function's own. Nothing is inherited, so
 * the AWS profile of whoever runs this cannot leak in: the credentials are made up, and the files, the metadata
 * service and the caller's endpoints are out of reach.
 */
export const functionEnvironment = ({ functionName, region, memoryMB, environment }: EnvironmentFacts): Record<string, string> => ({
  TZ: 'UTC',
  LANG: 'en_US.UTF-8',
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMB),
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_CONFIG_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  ...environment,
});
