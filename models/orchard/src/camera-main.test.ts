import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Frame, FrameDecoder } from '@pomona/grading';
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
