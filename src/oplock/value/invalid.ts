import { OplockStreamError } from '../../errors';

/** Where in a write something was found: `set`, `address`, `lines`, 2 is shown as `set.address.lines[2]`. */
export type ValuePath = readonly (string | number)[];

/** A path that goes along with the reading: a step in, a step out, and nothing copied for a value that is sound. */
export type Trail = (string | number)[];

const MAX_STEP = 60;
const MAX_PATH = 300;

const PLAIN = /^[A-Za-z_$][\w$]*$/;

const showStep = (step: string | number, index: number): string => {
  if (typeof step === 'number') return `[${step}]`;
  if (step.length <= MAX_STEP && PLAIN.test(step)) return index === 0 ? step : `.${step}`;
  return `[${JSON.stringify(step.length > MAX_STEP ? `${step.slice(0, MAX_STEP)}…` : step)}]`;
};

/** Names that are long or odd are quoted and cut: the text goes to logs. */
export const showPath = (path: ValuePath): string => {
  const text = path.map(showStep).join('');
  return text.length > MAX_PATH ? `${text.slice(0, MAX_PATH)}…` : text;
};

/** `INVALID_WRITE`: "set.price: found NaN. …" */
export const invalidWrite = (path: ValuePath, message: string): OplockStreamError => {
  const shown = showPath(path);
  return new OplockStreamError('INVALID_WRITE', `${shown}: ${message}`, { details: { path: shown } });
};
