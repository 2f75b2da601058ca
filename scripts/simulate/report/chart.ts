import { time } from './format';

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ROWS = 4;

/** Where no batch began, the age is not known: a gap. */
const cell = (value: number | undefined, max: number, row: number): string => {
  if (value === undefined) return row === 0 ? '·' : ' ';
  const eighths = Math.max(1, Math.round((value / max) * ROWS * BLOCKS.length)) - row * BLOCKS.length;
  return eighths <= 0 ? ' ' : BLOCKS[Math.min(eighths, BLOCKS.length) - 1] as string;
};

/** Ages (ms) over the time of the run (ms), from zero up. */
export const chart = (ages: readonly (number | undefined)[], duration: number): string => {
  const max = Math.max(1, ...ages.flatMap((age) => age ?? []));
  const label = time(max);
  const rows = Array.from({ length: ROWS }, (_none, i) => ROWS - 1 - i).map((row) =>
    `  ${(row === ROWS - 1 ? label : row === 0 ? '0' : '').padStart(label.length)} │${ages.map((age) => cell(age, max, row)).join('')}`.trimEnd());
  const end = time(duration);
  return [...rows, `  ${''.padStart(label.length)} └${'─'.repeat(ages.length)}`, `  ${''.padStart(label.length)}  0${end.padStart(ages.length - 1)}`].join('\n');
};
