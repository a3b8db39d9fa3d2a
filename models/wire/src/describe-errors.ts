import { slugPattern } from './ids.ts';

/** What a schema says of a value that does not fit, for a person. */
export interface SchemaError {
  readonly instancePath: string;
  readonly message: string;
  readonly keyword?: string;
  readonly params?: object;
}

/** What TypeBox says of a field that an object with `additionalProperties: false` does not have. */
const unknownField = 'schema is false';
const noMoreFields = 'must not have additional properties';

/** "/fruits/0/grade must be string; …": the first three. */
export function describeErrors(errors: Iterable<SchemaError>): string {
  return joinAlternatives(withoutEchoes([...errors]))
    .slice(0, 3)
    .map((error) =>
      error.message === unknownField
        ? `there is no ${error.instancePath}`
        : `${error.instancePath || '(root)'} ${sayMessage(error)}`,
    )
    .join('; ');
}

function sayMessage({ message, keyword, params = {} }: SchemaError): string {
  const isSlug = keyword === 'pattern' && String((params as { pattern?: unknown }).pattern) === slugPattern;
  return isSlug ? 'must be lower-case letters, digits and dashes (at most 40, no dash first)' : message;
}

/**
 * A field that there is not is told of twice: at its own path, and at that of the object that has no more. Of several
 * forms, that none fits is told beside what each lacks; and where one came so far as to a field within or to a limit, that is
 * what was meant.
 */
function withoutEchoes(all: readonly SchemaError[]): SchemaError[] {
  const isNamed = all.some(({ message }) => message === unknownField);
  const meant = all.filter(({ message, keyword }) => {
    if (isNamed && message === noMoreFields) return false;
    return keyword !== 'anyOf';
  });
  const told = meant.filter(
    ({ keyword, instancePath }) =>
      keyword !== 'type' ||
      !meant.some(
        (other) =>
          other.instancePath.startsWith(`${instancePath}/`) ||
          (other.instancePath === instancePath && isLimit(other)),
      ),
  );
  return told.length > 0 ? told : [...all];
}

const ofForms: ReadonlySet<string | undefined> = new Set(['type', 'enum', 'const', 'anyOf', undefined]);

/** Such as a pattern or a minimum: told only of a value whose type fits. */
function isLimit({ keyword, message }: SchemaError): boolean {
  return !ofForms.has(keyword) && message !== unknownField;
}

/** What one field may be instead stands in one sentence: "must be number or null", "must be one of good, bad". */
function joinAlternatives(errors: readonly SchemaError[]): SchemaError[] {
  const paths = [...new Set(errors.map(({ instancePath }) => instancePath))];
  return paths.flatMap((instancePath) => {
    const here = errors.filter((error) => error.instancePath === instancePath);
    const allowed = here.flatMap(allowedBy);
    const others = here.filter((error) => allowedBy(error).length === 0);
    return allowed.length > 0 ? [{ instancePath, message: sayAllowed(allowed) }, ...others] : others;
  });
}

type Allowed = { readonly value: unknown } | { readonly type: string };

function allowedBy({ keyword, params = {} }: SchemaError): Allowed[] {
  const { allowedValues, allowedValue, type } = params as Record<string, unknown>;
  if (keyword === 'enum') return (allowedValues as unknown[]).map((value) => ({ value }));
  if (keyword === 'const') return [{ value: allowedValue }];
  return keyword === 'type' ? [type as string | string[]].flat().map((name) => ({ type: name })) : [];
}

function sayAllowed(allowed: readonly Allowed[]): string {
  const values = new Set(allowed.flatMap((each) => ('value' in each ? [each.value] : [])));
  const ofValues = new Set([...values].map((value) => typeof value as string));
  const types = new Set(allowed.flatMap((each) => ('type' in each ? [each.type] : [])));
  const otherTypes = [...types].filter((type) => !ofValues.has(type === 'integer' ? 'number' : type));
  const named = [...values].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const listed = `${named.length > 1 ? 'one of ' : ''}${named.join(', ')}`;
  return `must be ${[listed, ...otherTypes].filter((part) => part !== '').join(' or ')}`;
}
