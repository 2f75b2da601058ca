/** A resource of a CloudFormation template; what is below `Properties` is looked at by path. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly [attribute: string]: unknown;
}
export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: unknown;
}

export const ofType = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** Names of the resources that a part of the template refers to, however it does so. Pseudo parameters are left out. */
export const referencesOf = (part: unknown): readonly string[] => {
  if (Array.isArray(part)) return part.flatMap(referencesOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]): readonly string[] => {
    if (name === 'Ref') return [value as string];
    if (name === 'Fn::GetAtt') return [(value as string[])[0] as string];
    if (name === 'Fn::Sub') return [...(value as string).matchAll(/\$\{([^}.]+)[^}]*\}/g)].map(([, found]) => found as string);
    return referencesOf(value);
  }).filter((name) => !name.startsWith('AWS::'));
};

/** A metric as CloudWatch knows it; a dimension that refers to a resource has its name as value. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Everything that an alarm looks at. */
export const metricsOfAlarm = ({ Properties: alarm }: Resource): readonly MetricName[] => {
  const stats = (alarm['Metrics'] as { MetricStat?: { Metric: object } }[] | undefined)?.flatMap(({ MetricStat: stat }) => (stat ? [stat.Metric] : [])) ?? [alarm];
  return stats.map((stat) => {
    const { Namespace: namespace, MetricName: name, Dimensions: dimensions = [] } = stat as { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: unknown }[] };
    return { namespace, name, dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, typeof Value === 'string' ? Value : referencesOf(Value).join()])) };
  });
};

/** A row of a widget: namespace, name, dimension, value, …, and options at the end. */
export const metricOfRow = (row: readonly unknown[]): MetricName => {
  const [namespace = '', name = '', ...rest] = row.filter((one): one is string => typeof one === 'string');
  return { namespace, name, dimensions: Object.fromEntries(rest.flatMap((one, i) => (i % 2 === 0 ? [[one, rest[i + 1] as string]] : []))) };
};
