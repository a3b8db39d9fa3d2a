import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gradeShapes, gradeStyle, orderGrades } from './grade-style.ts';

describe('the look of a grade', () => {
  it('is the same for the usual three whatever else there is', () => {
    expect(gradeStyle('bad', ['bad', 'good', 'ok'])).toEqual(gradeStyle('bad', ['bad', 'premium']));
  });

  it('differs between all grades of a picture', () => {
    const labels = ['good', 'ok', 'bad', 'juice', 'premium', 'reject', 'small', 'x'];
    expect(new Set(labels.map((label) => gradeStyle(label, labels).colour)).size).toBe(labels.length);
    expect(new Set(labels.map((label) => gradeStyle(label, labels).shape)).size).toBe(labels.length);
  });

  it('stands best first, unknown names after the known', () => {
    expect(orderGrades(['bad', 'juice', 'ok', 'good', 'class-2'])).toEqual([
      'good',
      'ok',
      'bad',
      'class-2',
      'juice',
    ]);
  });
});

/**
 * Linear RGB as seen with complete protanopia, deuteranopia and tritanopia: Machado, Oliveira and Fernandes, "A
 * physiologically-based model for simulation of color vision deficiency" (2009), severity 1.0.
 */
const sight: Record<string, readonly (readonly number[])[]> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const css = readFileSync(new URL('../styles/tokens.css', import.meta.url), 'utf8');
const schemes = {
  light: css.slice(0, css.indexOf('[data-mantine-color-scheme="dark"]')),
  dark: css.slice(css.indexOf('[data-mantine-color-scheme="dark"]')),
};

describe.each(Object.entries(schemes))('grade colours on %s', (_, tokens) => {
  it.each(Object.keys(sight))('stay apart for the usual three with %s', (kind) => {
    const [good, ok, bad] = [0, 1, 2].map((index) =>
      labOf(linearOf(tokens, `--grade-${index}`), sight[kind]!),
    );
    expect(Math.min(distance(good!, ok!), distance(ok!, bad!), distance(good!, bad!))).toBeGreaterThan(20);
  });

  it('has one for every shape', () => {
    for (const index of gradeShapes.keys()) expect(tokens).toContain(`--grade-${index}:`);
  });

  // WCAG 2.2, 1.4.3: text of this size needs 4.5 to 1.
  it.each(['--ink', '--ink-soft', '--accent', '--warn', '--bad'])('%s reads well on the panel', (name) => {
    const [a, b] = [name, '--panel'].map((token) => luminance(linearOf(tokens, token)) + 0.05);
    expect(Math.max(a! / b!, b! / a!)).toBeGreaterThan(4.5);
  });
});

function linearOf(tokens: string, name: string): number[] {
  const hex = new RegExp(`${name}: #([0-9a-f]{6});`).exec(tokens)?.[1];
  if (hex === undefined) throw new Error(`no ${name}`);
  return [0, 2, 4].map((start) => {
    const value = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

function luminance(rgb: readonly number[]): number {
  return 0.2126 * rgb[0]! + 0.7152 * rgb[1]! + 0.0722 * rgb[2]!;
}

/** CIE L*a*b*, white D65. */
function labOf(rgb: readonly number[], seen: readonly (readonly number[])[]): number[] {
  const [r, g, b] = multiply(seen, rgb).map((value) => Math.min(Math.max(value, 0), 1));
  const xyz = multiply(
    [
      [0.4124, 0.3576, 0.1805],
      [0.2126, 0.7152, 0.0722],
      [0.0193, 0.1192, 0.9505],
    ],
    [r!, g!, b!],
  );
  const [x, y, z] = xyz.map((value, axis) => {
    const t = value / [0.9505, 1, 1.089][axis]!;
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  });
  return [116 * y! - 16, 500 * (x! - y!), 200 * (y! - z!)];
}

function multiply(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((sum, value, i) => sum + value * vector[i]!, 0));
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!));
}
