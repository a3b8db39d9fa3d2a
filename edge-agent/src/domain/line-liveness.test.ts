import { describe, expect, it } from 'vitest';
import { LineLiveness } from './line-liveness.ts';
import type { FromLine } from './line-messages.ts';

const release = { name: 'apples', version: 1, digest: 'a'.repeat(64) };
const running: FromLine = { kind: 'running', release };

function figures(framesPerSecond: number): FromLine {
  return {
    kind: 'figures',
    figures: {
      framesPerSecond,
      droppedFrames: 0,
      frameForMs: 0,
      fruits: 0,
      missedDeadlines: 0,
      lostRecords: 0,
      latencyMs: { p50: 0, p99: 0 },
      release: undefined,
      recent: undefined,
    },
  };
}

/** Says `message` every second from `fromS` to `toS`. */
function keepSaying(line: LineLiveness, message: FromLine, fromS: number, toS: number): void {
  for (let s = fromS; s <= toS; s++) line.hear(message, s * 1000);
}

describe('LineLiveness', () => {
  it('is alive while frames arrive', () => {
    const line = new LineLiveness(0);
    line.hear(running, 0);
    keepSaying(line, figures(12), 1, 300);
    expect(line.isAlive(300_000)).toBe(true);
  });

  it('is dead 20 s after the worker’s last word', () => {
    const line = new LineLiveness(0);
    expect(line.isAlive(20_000)).toBe(true);
    expect(line.isAlive(20_001)).toBe(false);
    line.hear(figures(12), 30_000);
    expect(line.isAlive(50_000)).toBe(true);
    expect(line.isAlive(50_001)).toBe(false);
  });

  it('is dead 40 s after the last sign of the camera, although the worker talks', () => {
    const line = new LineLiveness(0);
    line.hear(running, 0);
    keepSaying(line, figures(0), 1, 40);
    expect(line.isAlive(40_000)).toBe(true);
    expect(line.isAlive(40_001)).toBe(false);
  });

  it('is alive while a camera that does not come up is tried again', () => {
    const line = new LineLiveness(0);
    line.hear(running, 0);
    for (let s = 1; s <= 600; s++) {
      line.hear(figures(0), s * 1000);
      if (s % 27 === 0) line.hear({ kind: 'camera', state: 'stopped', detail: 'no camera' }, s * 1000);
      expect(line.isAlive(s * 1000)).toBe(true);
    }
  });

  it('asks for no frames before a release runs, nor of a worker that has just started again', () => {
    const line = new LineLiveness(0);
    keepSaying(line, figures(0), 1, 300);
    expect(line.isAlive(300_000)).toBe(true);
    line.hear(running, 300_000);
    line.hear({ kind: 'ready' }, 310_000);
    keepSaying(line, figures(0), 311, 600);
    expect(line.isAlive(600_000)).toBe(true);
  });

  it('lives again when frames come back', () => {
    const line = new LineLiveness(0);
    line.hear(running, 0);
    keepSaying(line, figures(0), 1, 60);
    expect(line.isAlive(60_000)).toBe(false);
    line.hear(figures(3), 61_000);
    expect(line.isAlive(61_000)).toBe(true);
  });
});
