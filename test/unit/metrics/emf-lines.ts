/** Reads lines of the embedded metric format as CloudWatch would, checking the format's rules on the way. */
export interface Measured {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
}

export const readEmf = (lines: readonly string[]): readonly Measured[] => lines.flatMap(readLine);

const readLine = (line: string): readonly Measured[] => {
  expect(line).not.toContain('\n');
  expect(Buffer.byteLength(line)).toBeLessThan(256 * 1024);
  const root = JSON.parse(line) as Record<string, unknown> & { _aws: { Timestamp: number; CloudWatchMetrics: Directive[] } };
  expect(Number.isInteger(root._aws.Timestamp)).toBe(true);
  return root._aws.CloudWatchMetrics.flatMap((directive) => {
    expect(directive.Metrics.length).toBeGreaterThan(0);
    expect(directive.Metrics.length).toBeLessThanOrEqual(100);
    expect(directive.Dimensions).toHaveLength(1);
    const names = directive.Dimensions[0] ?? [];
    expect(names.length).toBeLessThanOrEqual(30);
    const dimensions = Object.fromEntries(names.map((name) => {
      const value = root[name];
      expect(typeof value).toBe('string');
      expect(name).toMatch(/^[\x20-\x7e]{1,255}$/);
      expect(value).toMatch(/^[\x20-\x7e]{1,1024}$/);
      return [name, value as string];
    }));
    return directive.Metrics.map(({ Name, Unit }) => {
      expect(Name.length).toBeGreaterThan(0);
      expect(Name.length).toBeLessThanOrEqual(255);
      const values = [root[Name]].flat() as number[];
      expect(values.length).toBeLessThanOrEqual(100);
      expect(values.every((value) => Number.isFinite(value))).toBe(true);
      return { namespace: directive.Namespace, name: Name, unit: Unit, dimensions, values };
    });
  });
};

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}
