export interface ArnParts {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** `arn:partition:service:region:account:resource`. */
export const parseArn = (arn: string): ArnParts => {
  const [, partition = 'aws', , region = '', account = ''] = arn.split(':');
  return { partition, region, account };
};
