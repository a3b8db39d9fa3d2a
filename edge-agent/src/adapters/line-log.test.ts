import type { CameraFault, GateState } from '@pomona/wire';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { LineLog } from './line-log.ts';
import { oncePerCause } from './log.ts';

const figures = {
  ...{ framesPerSecond: 20, droppedFrames: 0, frameForMs: 0, fruits: 0, missedDeadlines: 0, lostRecords: 0 },
  ...{ latencyMs: { p50: 2, p99: 9 }, release: undefined, recent: undefined },
};
const well: GateState = { connected: true, fired: 5, merged: 0, late: 0, failed: 0 };

function listen() {
  const lines: string[] = [];
  const log = pino({ base: null, level: 'info' }, { write: (line: string) => void lines.push(line) });
  const told = () => lines.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg);
  return { log, told, raw: lines };
}

describe('the log of a line', () => {
  it('has the beginning and the end of each outage of the outlets, however often it is the same', () => {
    const { log, told } = listen();
    const line = new LineLog(log);
    const gates = { ...well, connected: false };
    // They connect after the start.
    line.hear({ ...figures, gates }, 0);
    line.hear({ ...figures, gates: well }, 2_000);
    expect(told()).toEqual([]);
    for (const atMs of [10_000, 1e9]) {
      for (let s = 0; s < 60; s++) line.hear({ ...figures, gates }, atMs + 1_000 * s);
      expect(told()).toEqual([expect.stringContaining('does not answer')]);
      line.hear({ ...figures, gates: well }, atMs + 60_000);
      expect(told()).toEqual(['the outlets: they answer again']);
    }
    const never = new LineLog(log);
    for (let s = 0; s < 20; s++) never.hear({ ...figures, gates }, 1_000 * s);
    expect(told()).toEqual([expect.stringContaining('does not answer')]);
  });

  it('has shots that were missed once a minute, with how many', () => {
    const { log, raw } = listen();
    const line = new LineLog(log);
    for (let s = 0; s < 90; s++) line.hear({ ...figures, gates: { ...well, late: s, failed: 1 } }, 1_000 * s);
    const counts = raw.map((each) => JSON.parse(each) as { late: number; failed: number });
    expect(counts).toMatchObject([
      { late: 0, failed: 1 },
      { late: 60, failed: 0 },
    ]);
    // A grading that was started again counts from 0.
    raw.length = 0;
    line.hear({ ...figures, gates: { ...well, late: 2 } }, 200_000);
    expect(JSON.parse(raw[0]!)).toMatchObject({ late: 2 });
  });

  it('has fruit that is not seen leaving, and that it is seen again', () => {
    const { log, told } = listen();
    const line = new LineLog(log);
    for (const [confirmed, unconfirmedInARow] of [0, 4, 0, 4, 5, 6, 12, 0, 1].entries())
      line.hear({ ...figures, gates: { ...well, confirmed, unconfirmed: 20, unconfirmedInARow } }, 0);
    expect(told()).toEqual([
      expect.stringMatching(/^the outlets: shot after shot the sensor behind one saw no fruit leave/),
      'the outlets: fruit is seen leaving again',
    ]);
  });

  it('does not say that fruit is seen leaving again when the grading was started again and none was', () => {
    const { log, told } = listen();
    const line = new LineLog(log);
    const hear = (confirmed: number, unconfirmedInARow: number) =>
      line.hear({ ...figures, gates: { ...well, confirmed, unconfirmed: 20, unconfirmedInARow } }, 0);
    hear(3, 12);
    hear(0, 0);
    hear(0, 6);
    expect(told()).toHaveLength(1);
    hear(1, 0);
    expect(told()).toEqual(['the outlets: fruit is seen leaving again']);
  });

  it('has a fault of the camera or the belt, and its end', () => {
    const { log, told } = listen();
    const line = new LineLog(log);
    const camera = (faults: CameraFault[]) => ({ faults, luma: 1, sharpness: null, shiftPx: null });
    for (const faults of [['black'], ['black'], [], ['no-encoder'], []] as CameraFault[][])
      line.hear({ ...figures, camera: camera(faults) }, 0);
    expect(told()).toEqual([
      expect.stringMatching(/^the camera: it sees nothing/),
      'the camera: this is over',
      expect.stringMatching(/^the belt: the encoder cannot be read/),
      'the belt: this is over',
    ]);
    const why = 'rpicam-vid is not installed';
    line.hear({ ...figures, camera: { ...camera(['no-encoder', 'silent']), why } }, 0);
    expect(told()).toEqual([
      expect.stringMatching(/^the belt: the encoder cannot be read.* its power$/),
      expect.stringMatching(/^the camera: no frames come: .* \(rpicam-vid is not installed\)$/),
    ]);
    line.hear({ ...figures, camera: camera([]) }, 0);
    told();
    // One that hangs is ended after a while, and why is known then.
    line.hear({ ...figures, camera: camera(['silent']) }, 0);
    for (let s = 0; s < 3; s++)
      line.hear({ ...figures, camera: { ...camera(['silent']), why: 'no frame for 15000 ms' } }, 0);
    expect(told()).toEqual([
      expect.stringMatching(/^the camera: no frames come: .*program says$/),
      expect.stringMatching(/^the camera: no frames come: .* \(no frame for 15000 ms\)$/),
    ]);
  });
});

describe('trouble', () => {
  it('is told once, and again when it comes back after ten quiet minutes', () => {
    const { log, told } = listen();
    let nowMs = 0;
    const onTrouble = oncePerCause(log, () => nowMs);
    for (; nowMs < 3_600_000; nowMs += 60_000) onTrouble('gate-device', 'it is away');
    expect(told()).toEqual(['it is away']);
    nowMs += 600_000;
    onTrouble('gate-device', 'it is away');
    expect(told()).toEqual(['it is away']);
  });
});
