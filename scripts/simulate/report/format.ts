/** 1,234 */
export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** 0.42 s, 12 s, 5 min: what is read at a glance. */
export const time = (ms: number): string => {
  if (ms < 995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return `${Math.round(ms / 60_000)} min`;
};

export const dollars = (value: number): string => `$${value < 10 ? value.toFixed(2) : count(value)}`;

export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;

/** Columns as wide as they need to be; the first `left` of them begin at the left. */
export const table = (rows: readonly (readonly string[])[], left = 1): string => {
  const widths = (rows[0] ?? []).map((_cell, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  return rows.map((row) => row.map((cell, i) => (i < left ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ').trimEnd()).join('\n');
};
