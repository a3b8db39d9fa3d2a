import { redactCredentials, slugPattern } from '@pomona/wire';
import { pinHashPattern } from './pin.ts';

/** The part of a TypeBox error that we read. */
export interface FieldError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message: string;
  readonly params: unknown;
}

/** "station must be lower-case letters, …, not "Line 1"; camera is missing": the first five, for a person. */
export function explainErrors(value: unknown, errors: Iterable<FieldError>): string {
  const lines = new Set<string>();
  for (const error of errors) for (const line of explain(value, error)) lines.add(line);
  return [...lines].slice(0, 5).join('; ');
}

function explain(value: unknown, { instancePath, keyword, message, params }: FieldError): string[] {
  const at = instancePath.split('/').slice(1);
  const field = (name?: string): string =>
    (name === undefined ? at : [...at, name]).join('.') || 'the whole file';
  if (keyword === 'required')
    return namesIn(params, 'requiredProperties').map((name) => `${field(name)} is missing`);
  if (keyword === 'additionalProperties') {
    return namesIn(params, 'additionalProperties').map(
      (name) => `${field(name)} is not a field that is known`,
    );
  }
  // The schema `false` of a field that is not known says the same as `additionalProperties`, less clearly.
  if (keyword === 'boolean') return [];
  const wanted = `${field()} ${expected(keyword, message, params)}`;
  return [at.some((name) => secretFields.has(name)) ? wanted : `${wanted}, not ${shown(valueAt(value, at))}`];
}

function expected(keyword: string, message: string, params: unknown): string {
  const { pattern, allowedValues, allowedValue } = { ...(params as Record<string, unknown>) };
  if (keyword === 'pattern' && String(pattern) === slugPattern)
    return 'must be lower-case letters, digits and dashes (at most 40, no dash first)';
  if (keyword === 'pattern' && String(pattern) === pinHashPattern)
    return 'must be what `pomona-agent pin` prints';
  if (keyword === 'enum' && Array.isArray(allowedValues)) return `must be one of ${allowedValues.join(', ')}`;
  if (keyword === 'const') return `must be ${JSON.stringify(allowedValue)}`;
  return message;
}

function namesIn(params: unknown, key: string): string[] {
  const names = (params as Record<string, unknown>)[key];
  return Array.isArray(names) ? names.map(String) : [];
}

function valueAt(value: unknown, at: readonly string[]): unknown {
  return at.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}

/** Messages go to logs and screens. */
const secretFields: ReadonlySet<string> = new Set(['password', 'token']);

function shown(value: unknown): string {
  const text = JSON.stringify(value, (name, inner: unknown) => (secretFields.has(name) ? '…' : inner));
  return redactCredentials(text ?? 'nothing').slice(0, 80);
}
