import { OplockStreamError } from 'oplock-stream';

const VARIABLE = /\$\{(self|sls|opt):([^${},]+)(?:,\s*'([^']*)')?\}/;

/** The value at a path like `custom.metricsNamespace`, or `undefined`. */
const at = (root: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined), root);

/**
 * Resolves the variables that serverless.yml uses: `${self:path}`, `${sls:stage}` and `${opt:name, 'default'}`.
 * Others (`${AWS::Region}`, `${Resource.Arn}`) are CloudFormation's and stay. Throws `INVALID_SERVICE` for one that
 * has no value.
 */
export const resolveVariables = (document: unknown, options: Readonly<Record<string, string>>): unknown => {
  const lookUp = (source: string, path: string, fallback: string | undefined, depth: number): unknown => {
    const found = source === 'opt' || source === 'sls' ? (options[path] ?? fallback) : at(document, path);
    if (found === undefined || depth > 10) {
      throw new OplockStreamError('INVALID_SERVICE', `serverless.yml: \${${source}:${path}} has no value, or needs itself: define it, or take it out.`);
    }
    return walk(found, depth + 1);
  };

  const resolveText = (text: string, depth: number): unknown => {
    const whole = VARIABLE.exec(text);
    if (!whole) return text;
    const [match, source = '', path = '', fallback] = whole;
    const value = lookUp(source, path.trim(), fallback, depth);
    // A text that is one variable takes its value as it is, an object for example.
    return match === text ? value : resolveText(text.replace(match, () => String(value)), depth);
  };

  const walk = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return resolveText(value, depth);
    if (Array.isArray(value)) return value.map((one) => walk(one, depth));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, depth)]));
    return value;
  };

  return walk(document, 0);
};
