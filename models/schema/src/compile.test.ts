import { describe, expect, it } from 'vitest';
import { Compile, Type } from './index.ts';

describe('Compile', () => {
  const validator = Compile(
    Type.Object({ grade: Type.String({ maxLength: 4 }), views: Type.Array(Type.Integer()) }),
  );

  it('checks the first value as every other', () => {
    for (let i = 0; i < 3; i++) {
      expect(validator.Check({ grade: 'good', views: [1, 2] })).toBe(true);
      expect(validator.Check({ grade: 'good', views: [1, 2.5] })).toBe(false);
    }
  });

  it('says where a value is wrong', () => {
    expect(
      validator.Errors({ grade: 'far too long', views: ['x'] }).map((error) => error.instancePath),
    ).toEqual(['/grade', '/views/0']);
    expect(validator.Errors({ grade: 'ok', views: [] })).toEqual([]);
  });

  it('reads no more of a schema than that it is there until a value comes', () => {
    let reads = 0;
    const schema = new Proxy(Type.String(), {
      get: (target, key, receiver) => {
        reads++;
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    const lazy = Compile(schema);
    expect(reads).toBe(0);
    expect(lazy.Check('a')).toBe(true);
    expect(reads).toBeGreaterThan(0);
  });
});
