import { Compile } from '@pomona/schema';
import { Recipe, withArticle } from '@pomona/wire';
import { invalid } from './check-recipe.ts';

const validator = Compile(Recipe);

/** What a validator says of a value, as far as it is used here. */
interface ShapeError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/**
 * A document that somebody wrote as a recipe. Throws `recipe-invalid`, which names the first field that is wrong and says
 * what was expected there. Whether it fits a model is `checkRecipe`'s.
 */
export function parseRecipe(value: unknown): Recipe {
  if (validator.Check(value)) return value;
  const errors = validator.Errors(value) as ShapeError[];
  // Of a choice each branch tells why it did not fit, and then the choice that none did.
  const error = errors.find(({ keyword }) => keyword !== 'anyOf') ?? errors[0]!;
  const field = fieldOf(error.instancePath);
  const alike = errors.filter((each) => each.instancePath === error.instancePath);
  const { expected, hint } = explain(error, alike);
  const found = valueAt(value, error.instancePath);
  throw invalid(field, `${expected}, and it is ${shown(found)}`, hint);
}

function explain(
  { keyword, params, message }: ShapeError,
  alike: readonly ShapeError[],
): { readonly expected: string; readonly hint: string } {
  const known = params as {
    readonly allowedValues?: readonly unknown[];
    readonly requiredProperties?: readonly string[];
    readonly type?: string;
  };
  const hint = 'See the table of fields in docs/recipes.md, or begin with pomona recipe example unece.';
  switch (keyword) {
    // What stands where nothing may.
    case 'boolean':
      return { expected: 'there is no such field', hint };
    case 'required':
      return { expected: `it needs ${known.requiredProperties?.join(', ')}`, hint };
    case 'enum':
      return { expected: `expected one of ${known.allowedValues?.join(', ')}`, hint };
    case 'type':
      return {
        expected: `expected ${known.type === 'integer' ? 'a whole number' : withArticle(String(known.type))}`,
        hint,
      };
    case 'pattern':
      return { expected: 'expected lower-case letters, digits and dashes', hint };
    case 'const': {
      const values = alike.flatMap((each) => (each.params as { allowedValue?: unknown }).allowedValue ?? []);
      return { expected: `expected ${values.join(' or ')}`, hint };
    }
    default:
      return { expected: message, hint };
  }
}

/** `/rules/0/when/below` as a person writes it: `rules[0].when.below`. */
function fieldOf(path: string): string {
  if (path === '') return 'document';
  return path
    .slice(1)
    .split('/')
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('/')
    .slice(1)
    .reduce<unknown>((at, part) => (at as Record<string, unknown> | null | undefined)?.[part], value);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
