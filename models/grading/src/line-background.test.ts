import { describe, expect, it } from 'vitest';
import { components, connectCells } from './kernel.ts';
import { LineBackground } from './line-background.ts';

const width = 64;
const height = 32;
type Rgb = readonly [number, number, number];
const belt: Rgb = [60, 50, 40];

/** A belt with a square of fruit on it, 16 pixels wide. */
function frameOf(colour: Rgb, seq: number, fruit?: Rgb) {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isFruit = fruit !== undefined && x >= 24 && x < 40 && y >= 8 && y < 24;
      data.set(isFruit ? fruit : colour, (y * width + x) * 3);
    }
  return { width, height, data, seq, capturedAtMs: seq * 80, encoderMm: seq * 27 };
}

/** In the frame that was looked at last. */
function markedCells(): number {
  const count = connectCells();
  let cells = 0;
  for (let i = 0; i < count; i++) cells += components[5 * i + 4]!;
  return cells;
}

function lookAt(background: LineBackground, frames: number, colour: Rgb, fruit?: Rgb): void {
  for (let seq = 0; seq < frames; seq++) background.look(frameOf(colour, seq, fruit));
}

describe('the colour of the belt', () => {
  it('is not known before the belt is', () => {
    const background = new LineBackground(width, height);
    lookAt(background, 14, belt);
    expect(background.beltColour()).toBeUndefined();
  });

  it('is that of the belt between the fruit, however many there are', () => {
    const background = new LineBackground(width, height);
    lookAt(background, 14, belt);
    lookAt(background, 20, belt, [220, 80, 40]);
    const { red, green, blue } = background.beltColour()!;
    expect([red, green, blue].map(Math.round)).toEqual([...belt]);
  });

  it('is another one within a second when the light changes', () => {
    const background = new LineBackground(width, height);
    lookAt(background, 14, belt);
    lookAt(background, 20, belt);
    lookAt(background, 8, [30, 25, 20], [110, 40, 20]);
    const { red, green, blue } = background.beltColour()!;
    expect([red, green, blue].map(Math.round)).toEqual([30, 25, 20]);
  });

  it('is not known again while another belt is learned', () => {
    const background = new LineBackground(width, height);
    lookAt(background, 14, belt);
    lookAt(background, 20, belt);
    // Of the belt before, a quarter is seen for as long as it takes.
    const other: Rgb = [40, 60, 200];
    for (let seq = 0; background.learned; seq++) {
      expect(seq).toBeLessThan(40);
      const frame = frameOf(belt, seq);
      frame.data.set(frameOf(other, seq).data.subarray(0, (width * height * 3 * 3) / 4));
      background.look(frame);
    }
    expect(background.beltColour()).toBeUndefined();
    lookAt(background, 14 + 8, other);
    const { red, green, blue } = background.beltColour()!;
    expect([red, green, blue].map(Math.round)).toEqual([...other]);
  });
});

describe('dark fruit, whose edges are hardly of another colour than the belt', () => {
  const edge: Rgb = [65, 50, 34];
  const fruit: Rgb = [68, 50, 30];

  it('is told from the belt as well after its edges were seen for long', () => {
    const background = new LineBackground(width, height);
    lookAt(background, 14, belt);
    lookAt(background, 1, belt, fruit);
    const cells = markedCells();
    expect(cells).toBe(16);
    lookAt(background, 1, belt, edge);
    expect(markedCells()).toBe(0);
    // Every cell follows the belt once in 16 frames.
    for (let i = 0; i < 100; i++) lookAt(background, 16, belt, i % 5 === 0 ? edge : undefined);
    lookAt(background, 1, belt, fruit);
    expect(markedCells()).toBe(cells);
  });
});

describe('a belt that is not empty while it is learned', () => {
  /** Each fruit is 12 pixels wide and 4 lower and higher than the lane's middle; the next comes 20 pixels after it. */
  const passing = (seq: number) => {
    const frame = frameOf(belt, seq);
    for (let y = 12; y < 20; y++)
      for (let x = 0; x < width; x++)
        if ((x + 7 * seq) % 20 < 12) frame.data.set([190, 70, 40], (y * width + x) * 3);
    return frame;
  };
  const foundIn = (background: LineBackground, seq: number): number => {
    expect(background.look(passing(seq))).toBe(true);
    return markedCells();
  };

  it('is learned from beside the lane, where fruit passes', () => {
    const [empty, busy] = [new LineBackground(width, height), new LineBackground(width, height)];
    lookAt(empty, 14, belt);
    for (let seq = 0; seq < 14; seq++) busy.look(passing(seq));
    for (let seq = 14; seq < 30; seq++) expect(foundIn(busy, seq)).toBe(foundIn(empty, seq));
    expect(busy.beltColour()).toBeDefined();
  });

  it('is learned for the time being where fruit moves though the belt is said to stand, and anew when that moves', () => {
    const background = new LineBackground(width, height);
    const passing = (seq: number, encoderMm: number) => {
      const frame = frameOf(belt, seq);
      for (let y = 8; y < 24; y++)
        for (let x = 0; x < 16; x++) frame.data.set([220, 80, 40], (y * width + ((x + seq * 9) % width)) * 3);
      return { ...frame, encoderMm };
    };
    for (let seq = 0; seq < 20; seq++) background.look(passing(seq, 7));
    expect(background.learned).toBe(true);
    background.look(passing(21, 7));
    expect(markedCells()).toBeGreaterThan(10);
    background.look(passing(22, 60));
    expect(background.learned).toBe(false);
    for (let seq = 23; seq < 37; seq++) background.look(passing(seq, 60 + seq));
    expect(background.learned).toBe(true);
  });

  it('is not learned from a belt that stands, whose fruit would be taken for belt', () => {
    const background = new LineBackground(width, height);
    for (let seq = 0; seq < 40; seq++) background.look({ ...passing(3), encoderMm: 100 });
    expect(background.learned).toBe(false);
    for (let seq = 0; seq < 13; seq++) background.look({ ...passing(seq), encoderMm: 100 + 27 * (seq + 1) });
    expect(background.learned).toBe(true);
  });
});
