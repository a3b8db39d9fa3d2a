import { type TNull, type TSchema, type TUnion, Type } from '@pomona/schema';

/** What may be unknown, and then says so. */
export function Nullable<T extends TSchema>(schema: T): TUnion<[T, TNull]> {
  return Type.Union([schema, Type.Null()]);
}
