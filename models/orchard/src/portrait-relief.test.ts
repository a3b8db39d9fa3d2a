import { seededRandom } from '@pomona/wire';
import { expect, test } from 'vitest';
import { portraitForm } from './portrait-form.ts';
import { skinNormals } from './portrait-relief.ts';

const size = 96;

function formWith(height: (x: number, y: number) => number) {
  const form = portraitForm(size, seededRandom(5, 'form'));
  form.relief.set(form.relief.map((_, i) => (form.mask[i] === 1 ? height(form.x[i]!, form.y[i]!) : 0)));
  return form;
}

test('a smooth ball looks where its form says', () => {
  const form = formWith(() => 0.1);
  const normals = skinNormals(form);
  for (const axis of ['x', 'y', 'z'] as const)
    expect(Buffer.compare(bytesOf(normals[axis]), bytesOf(form[axis]))).toBe(0);
});

test('the walls of a pit look to its middle, and everything stays a direction', () => {
  const form = formWith((x, y) => -0.2 * Math.exp(-(x * x + y * y) / 0.09));
  const normals = skinNormals(form);
  const middle = (size / 2) * size + size / 2;
  const steps = 8;
  expect(normals.x[middle - steps]).toBeGreaterThan(form.x[middle - steps]! + 0.1);
  expect(normals.x[middle + steps]).toBeLessThan(form.x[middle + steps]! - 0.1);
  expect(normals.y[middle - steps * size]).toBeGreaterThan(form.y[middle - steps * size]! + 0.1);
  expect(normals.y[middle + steps * size]).toBeLessThan(form.y[middle + steps * size]! - 0.1);
  const lengths = [...normals.x.keys()]
    .filter((i) => form.mask[i] === 1)
    .map((i) => Math.hypot(normals.x[i]!, normals.y[i]!, normals.z[i]!));
  expect(Math.min(...lengths)).toBeCloseTo(1, 5);
  expect(Math.max(...lengths)).toBeCloseTo(1, 5);
});

function bytesOf({ buffer }: Float32Array): Uint8Array {
  return new Uint8Array(buffer);
}
