import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineBackground, locateFruit } from '@pomona/grading';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { Line } from './line.ts';
import { readPhotographedFruit } from './photographed-fruit.ts';
import { truthLine } from './truth-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'pomona-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function writeApple(path: string, radius = 42): Promise<void> {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="120"><rect width="120" height="120" fill="#fff"/>' +
    `<circle cx="60" cy="60" r="${radius}" fill="#b8282c"/></svg>`;
  await sharp(Buffer.from(svg)).jpeg({ quality: 95 }).toFile(path);
}

describe('photographed fruit', () => {
  it('reads a folder per fruit by an index, leaves out what is no photograph, and rolls down the line', async () => {
    const dir = join(folder, 'turning');
    mkdirSync(join(dir, 'a'), { recursive: true });
    await writeApple(join(dir, 'a', '0.jpg'));
    await writeApple(join(dir, 'a', '1.jpg'));
    writeFileSync(join(dir, 'a', '2.jpg'), 'not an image');
    const index = ['0', '1', '2'].map((n) => `a/${n}.jpg,a,bruised,0,${n}`);
    writeFileSync(join(dir, 'index.csv'), ['path,fruit,condition,axis,frame', ...index].join('\n'));
    const leftOut: string[] = [];
    const photographed = await readPhotographedFruit(dir, (path) => leftOut.push(path));
    expect(leftOut).toEqual(['a/2.jpg']);
    expect(photographed).toMatchObject([{ name: 'a', grade: 'bad' }]);
    expect(photographed[0]!.turns.map(({ length }) => length)).toEqual([2]);

    const line = new Line({ seed: 1, photographed });
    const passed = line.advance(3000);
    expect(passed.length).toBeGreaterThan(5);
    expect(truthLine(passed[0]!)).toMatchObject({ grade: 'bad', variety: 'a', clear: true });
    const data = new Uint8Array(640 * 320 * 3);
    line.draw(data, 3000, 1);
    let red = 0;
    for (let i = 0; i < data.length; i += 3) if (data[i]! > 150 && data[i + 1]! < 80) red++;
    expect(red).toBeGreaterThan(3000);
  });

  it('keeps the axes of an index apart, and what is larger in a film', async () => {
    const dir = join(folder, 'axes');
    mkdirSync(dir, { recursive: true });
    const radii = [30, 36, 42, 36];
    for (const [at, radius] of radii.entries()) await writeApple(join(dir, `${at}.jpg`), radius);
    const rows = radii.map((_, at) => `${at}.jpg,a,sound,${at >> 1},${at & 1}`);
    const index = (head: string) => writeFileSync(join(dir, 'index.csv'), [head, ...rows].join('\n'));
    const sidesOf = async () => {
      const [fruit] = await readPhotographedFruit(dir, () => {});
      return fruit!.turns.map((turn) => turn.map(({ side }) => side));
    };
    index('path,fruit,condition,axis,frame');
    const film = await sidesOf();
    expect(film.map(({ length }) => length)).toEqual([2, 2]);
    // Which way a disc of one colour turns does not show.
    const sorted = film.flatMap((turn) => turn.toSorted((a, b) => a - b));
    [30, 36, 36, 42].forEach((radius, at) => {
      expect(Math.abs(sorted[at]! / sorted[1]! - radius / 36)).toBeLessThan(0.04);
    });
    // Without frames they may be taken from anywhere.
    index('path,fruit,condition,axis,number');
    const sides = (await sidesOf()).flat();
    expect(Math.max(...sides) / Math.min(...sides)).toBeLessThan(1.04);
  });

  it('comes late in the same order, with the same gaps, when it was awaited', async () => {
    const dir = join(folder, 'late');
    mkdirSync(dir);
    for (const [i, radius] of [30, 36, 42].entries()) await writeApple(join(dir, `${i}.jpg`), radius);
    const photographed = await readPhotographedFruit(dir, () => {});
    const passed = (line: Line, fromMm: number) => {
      expect(line.advance(fromMm)).toEqual([]);
      return line.advance(fromMm + 6000).map(({ photographed, lane, positionMm }) => {
        const { fruit, phase } = photographed!;
        return { name: fruit.name, phase, lane, atMm: Math.round(positionMm - fromMm) };
      });
    };
    const atOnce = passed(new Line({ seed: 5, photographed }), 0);
    expect(new Set(atOnce.map(({ name }) => name)).size).toBe(3);
    const line = new Line({ seed: 5, photographed: 'awaited' });
    expect(line.advance(4321)).toEqual([]);
    expect(line.passing).toEqual([]);
    line.bring(photographed, 4321);
    expect(passed(line, 4321)).toEqual(atOnce);
  });

  it('is found by the locator wherever it is whole in view', async () => {
    const dir = join(folder, 'plain');
    mkdirSync(dir);
    await writeApple(join(dir, 'a.jpg'));
    const line = new Line({ seed: 3, photographed: await readPhotographedFruit(dir, () => {}) });
    const background = new LineBackground(640, 320);
    let compared = 0;
    for (let seq = 0; seq < 60; seq++) {
      const encoderMm = (seq / 12) * line.beltMmPerS;
      const data = new Uint8Array(640 * 320 * 3);
      line.advance(encoderMm);
      line.draw(data, encoderMm, seq);
      const frame = { width: 640, height: 320, data, seq, capturedAtMs: 0, encoderMm };
      const blobs = locateFruit(frame, background, line.geometry);
      if (seq < 19) continue;
      for (const passing of line.passing) {
        const { xPx, yPx, radiusPx } = line.place(passing, encoderMm);
        if (xPx < radiusPx + 2 || xPx > 638 - radiusPx) continue;
        const distances = blobs.map((blob) => Math.hypot(blob.xPx - xPx, blob.yPx - yPx));
        expect(Math.min(...distances), `fruit ${passing.id} in frame ${seq}`).toBeLessThan(3);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('says which folder is missing, and which has no fruit', async () => {
    const absent = join(folder, 'absent');
    await expect(readPhotographedFruit(absent, () => {})).rejects.toMatchObject({
      code: 'replay-folder-missing',
      message: expect.stringContaining(absent),
    });
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    await expect(readPhotographedFruit(empty, () => {})).rejects.toMatchObject({ code: 'replay-empty' });
  });
});
