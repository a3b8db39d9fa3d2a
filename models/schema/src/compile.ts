import type { Static, TSchema } from 'typebox';
import { Compile as compileNow, type Validator } from 'typebox/compile';

/** What is used of TypeBox's validator. */
export interface SchemaValidator<T extends TSchema> {
  Check(value: unknown): value is Static<T>;
  Errors(value: unknown): ReturnType<Validator['Errors']>;
}

/**
 * A validator that is compiled when the first value comes: a program starts with the schemas of every channel, route and file,
 * and checks few of them. Compiling all took a third of an agent's start, in its process and in each of its threads.
 */
export function Compile<const T extends TSchema>(schema: T): SchemaValidator<T> {
  let compiled: Validator | undefined;
  const validator = (): Validator => (compiled ??= compileNow(schema as TSchema) as Validator);
  return {
    Check: (value): value is Static<T> => validator().Check(value),
    Errors: (value) => validator().Errors(value),
  };
}
