import { checkStationConfig } from '@pomona/firmware-config';
import { AppError } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { Measures } from './calibrate-agent.ts';
import { calibrateInDialog } from './calibrate-dialog.ts';
import type { Calibration } from './domain/calibrate.ts';

const place = { v: 1, site: 'valley', line: 'line-1', station: 'valley-1-a', dataDir: '/data' };
const config = checkStationConfig({ ...place, camera: { kind: 'rpicam' } }, 'station.json');
const oneTarget = new AppError('calibration-failed', 'one target was found, and the station has 2 lanes', {
  hint: 'Lay one target in the middle of each lane.',
});

function calibrationOf({ targetMm, gateDistanceMm = 0, lanes = 0 }: Measures): Calibration {
  return {
    ...{
      version: 3,
      at: '2026-11-30T12:00:00.000Z',
      camera: 'rpicam',
      frameWidthPx: 640,
      frameHeightPx: 320,
    },
    ...{ targetMm, targetsMmPerPx: [0.9, 0.9], mmPerPx: 0.9, lanes, gateDistanceMm, beltLuma: 30 },
  };
}

/** A person who answers so, one thing after the other, and a line of which the first looks fail so. */
async function talk(
  answers: readonly string[],
  failures: readonly Error[] = [],
  given: Partial<Measures> = {},
) {
  const said: string[] = [];
  const kept: Calibration[] = [];
  const measured: Measures[] = [];
  const left = [...answers];
  const found = await calibrateInDialog(
    config,
    { gateDistanceMm: 300, ...given },
    {
      say: (text) => said.push(text),
      ask: async (question) => {
        said.push(question);
        return left.shift();
      },
      measure: async (measures) => {
        measured.push(measures);
        const failure = failures[measured.length - 1];
        if (failure !== undefined) throw failure;
        return calibrationOf(measures);
      },
      keep: async (calibration) => void kept.push(calibration),
    },
  );
  return { found, said, kept, measured };
}

describe('the calibration in a dialog', () => {
  it('asks for what no camera sees, shows what it found, and keeps it', async () => {
    const { said, kept, measured } = await talk(['', '75,5', '310', '', '']);
    expect(measured).toEqual([{ lanes: 2, targetMm: 75.5, gateDistanceMm: 310 }]);
    expect(kept).toMatchObject([{ version: 3, gateDistanceMm: 310 }]);
    expect(said.slice(0, 2)).toEqual([
      expect.stringContaining('valley/line-1/valley-1-a'),
      expect.stringContaining('disc in the middle of each lane'),
    ]);
    expect(said.at(-2)).toMatch(
      /^calibration 3: 2 lanes, 0.9 mm per pixel .* gates at 310 mm, background 30 of 255/,
    );
  });

  it('asks again for what is no number, and for nothing that was given', async () => {
    const { said, measured } = await talk(['1.5', '3', 'as it is', '-4', '', '', ''], [], { targetMm: 60 });
    expect(measured).toEqual([{ lanes: 3, targetMm: 60, gateDistanceMm: 300 }]);
    expect(said.filter((text) => text.startsWith('It must be'))).toEqual([
      'It must be a whole number above 0, at most 16.',
      'It must be a number above 0, at most 10000.',
      'It must be a number above 0, at most 10000.',
    ]);
    expect(said.join()).not.toContain('Diameter');
  });

  it('says what is wrong with what it saw, and looks again when that was put right', async () => {
    const { said, kept, measured } = await talk(['', '75', '', '', '', 'no', '', 'yes'], [oneTarget]);
    expect(said).toContain(`${oneTarget.message}\n  ${oneTarget.hint}`);
    expect(measured).toHaveLength(3);
    expect(kept).toHaveLength(1);
  });

  it('keeps only what the person agrees to', async () => {
    const { kept, measured } = await talk(['', '75', '', '', '310', '', 'Y']);
    expect(measured).toHaveLength(2);
    expect(kept).toHaveLength(1);
  });

  it('keeps nothing when it is ended, or nobody answers', async () => {
    expect(await talk(['', '75', '', 'q'])).toMatchObject({ found: undefined, kept: [], measured: [] });
    expect(await talk(['', '75', '', '', 'q'])).toMatchObject({ found: undefined, kept: [] });
    await expect(talk(['', '75', '', ''])).rejects.toMatchObject({ code: 'calibration-unanswered' });
    const damaged = new AppError('calibration-damaged', 'no JSON', { hint: '' });
    await expect(talk(['', '75', '', ''], [damaged])).rejects.toBe(damaged);
  });
});
