import { Compile, type TSchema, Type } from '@pomona/schema';
import { describe, expect, it } from 'vitest';
import { describeErrors } from './describe-errors.ts';
import { Slug } from './ids.ts';

function say(schema: TSchema, value: unknown): string {
  return describeErrors(Compile(schema).Errors(value));
}

const hours = Type.Object({ from: Type.String({ pattern: '^\\d' }) }, { additionalProperties: false });

describe('what a schema says of a value', () => {
  it('names the values that a field may have', () => {
    const schema = Type.Object({ state: Type.Enum(['open', 'over']) });
    expect(say(schema, { state: 'shut' })).toBe('/state must be one of open, over');
    const literals = Type.Object({ v: Type.Union([Type.Literal(1), Type.Literal('two')]) });
    expect(say(literals, { v: 3 })).toBe('/v must be one of 1, two');
    const orNull = Type.Object({ v: Type.Union([Type.Enum(['a', 'b']), Type.Null()]) });
    expect(say(orNull, { v: 3 })).toBe('/v must be one of a, b or null');
    expect(say(Type.Object({ v: Type.Literal(1) }), { v: 3 })).toBe('/v must be 1');
  });

  it('names the types that a field may have in one sentence', () => {
    const schema = Type.Object({ cap: Type.Union([Type.Integer(), Type.Null()]) });
    expect(say(schema, { cap: 'none' })).toBe('/cap must be integer or null');
  });

  it('tells what is wrong within a field that may be null, and nothing of null', () => {
    const schema = Type.Object({ quiet: Type.Union([hours, Type.Null()]) });
    expect(say(schema, { quiet: { from: 'x' } })).toBe('/quiet/from must match pattern "^\\d"');
    expect(say(schema, { quiet: { from: '6', till: '7' } })).toBe('there is no /quiet/till');
    expect(say(schema, { quiet: 6 })).toBe('/quiet must be object or null');
  });

  it('tells a value of the right type what it lacks, and not to be of another', () => {
    const orNull = (form: TSchema) => Type.Object({ v: Type.Union([form, Type.Null()]) });
    expect(say(orNull(Type.Integer({ minimum: 8 })), { v: 0 })).toBe('/v must be >= 8');
    expect(say(orNull(hours), { v: {} })).toBe('/v must have required properties from');
    expect(say(orNull(Type.Array(Type.String(), { maxItems: 1 })), { v: ['a', 'b'] })).toBe(
      '/v must not have more than 1 items',
    );
  });

  it('says in words what a name is made of', () => {
    expect(say(Type.Object({ name: Slug }), { name: 'Bob M' })).toBe(
      '/name must be lower-case letters, digits and dashes (at most 40, no dash first)',
    );
  });

  it('says no more than three things', () => {
    const schema = Type.Object({ a: Type.String(), b: Type.String(), c: Type.String(), d: Type.String() });
    expect(say(schema, { a: 1, b: 1, c: 1, d: 1 })).toBe(
      '/a must be string; /b must be string; /c must be string',
    );
  });
});
