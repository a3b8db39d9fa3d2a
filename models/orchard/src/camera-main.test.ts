import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Frame, FrameDecoder } from '@pomona/grading';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../dist/camera-main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pomona-camera-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the camera program', () => {
  it('writes frames with growing numbers and the truth of what has passed, and ends on SIGTERM', async () => {
    const truth = join(folder, 'truth.jsonl');
    const args = ['--seed', '4', '--rate', '16', '--fps', '12', '--truth', truth];
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exit = once(child, 'exit');
    const decoder = new FrameDecoder();
    const seen: Pick<Frame, 'seq' | 'encoderMm' | 'width' | 'height'>[] = [];
    for await (const chunk of child.stdout) {
      decoder.push(chunk as Buffer, ({ seq, encoderMm, width, height }) =>
        seen.push({ seq, encoderMm, width, height }),
      );
      // On a busy machine it leaves frames out.
      if (seen.length > 20 && seen.at(-1)!.seq > 60) break;
    }
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(seen.length).toBeGreaterThan(20);
    for (const [i, frame] of seen.entries()) {
      expect(frame).toMatchObject({ width: 640, height: 320 });
      if (i > 0) {
        expect(frame.seq).toBeGreaterThan(seen[i - 1]!.seq);
        expect(frame.encoderMm).toBeGreaterThan(seen[i - 1]!.encoderMm);
      }
    }
    const lines = readFileSync(truth, 'utf8').trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        grade: expect.stringMatching(/^(good|ok|bad)$/),
        positionMm: expect.any(Number),
        clear: expect.any(Boolean),
      });
    }
  });

  it('films the empty belt while it cuts out photographs, and then them', async () => {
    const photographs = join(folder, 'photographs');
    mkdirSync(photographs);
    const apple = await sharp(
      Buffer.from(
        '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><rect width="900" height="900" fill="#fff"/>' +
          '<circle cx="450" cy="450" r="320" fill="#b8282c"/></svg>',
      ),
    )
      .jpeg()
      .toBuffer();
    for (let i = 0; i < 40; i++) writeFileSync(join(photographs, `${i + 10}.jpg`), apple);
    // Named as the last is cut out.
    writeFileSync(join(photographs, 'z.jpg'), 'not an image');
    const truth = join(folder, 'replayed.jsonl');
    const args = ['--replay', photographs, '--seed', '2', '--rate', '16', '--fps', '12', '--truth', truth];
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exit = once(child, 'exit');
    let isCutOut = false;
    child.stderr.on('data', (bytes: Buffer) => {
      isCutOut ||= bytes.toString().includes('left out z.jpg');
    });
    const decoder = new FrameDecoder();
    let [empty, whole] = [0, 0];
    for await (const chunk of child.stdout) {
      decoder.push(chunk as Buffer, ({ data }) => {
        if (isCutOut) whole = Math.max(whole, redPixels(data));
        else empty = Math.max(empty, 1 + redPixels(data));
      });
      // A machine that is busy may miss all of the first one's way.
      if (whole > 1000 && readFileSync(truth, 'utf8').includes('\n')) break;
    }
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(empty).toBe(1);
    expect(whole).toBeGreaterThan(1000);
    expect(JSON.parse(readFileSync(truth, 'utf8').split('\n')[0]!)).toMatchObject({ grade: 'good' });
  });

  it('ends with code 1 and says why when there is no folder of photographs', async () => {
    const absent = join(folder, 'absent');
    const args = ['--replay', absent];
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(text).toContain(`there is no folder ${absent}\nName the folder`);
  });

  it('ends with code 2 and its usage for an option that it does not know', async () => {
    const child = spawn(process.execPath, [program, '--speed', '9'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(text).toContain('usage: camera');
  });
});

function redPixels(data: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < data.length; i += 3) if (data[i]! > 150 && data[i + 1]! < 80) count++;
  return count;
}
