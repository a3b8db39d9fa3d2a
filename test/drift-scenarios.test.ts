/**
 * Drift from end to end but for a real model and a real clock: drawn fruit under each scenario's light, counted by the device's
 * own code, sent as the message that it sends, judged by the control plane's own rules.
 */
import { baselineWindows, judgeLine } from '@pomona/cloud/testing';
import { StatisticsWriter } from '@pomona/edge-agent';
import { defaultLineGeometry, LineBackground } from '@pomona/grading';
import {
  type FruitViews,
  goodShareMax,
  Line,
  okShareMax,
  renderViews,
  rotShareMax,
  type ScenarioName,
  scenarioKinds,
  scenarioNames,
} from '@pomona/orchard';
import { type DriftWindow, decode, encode, randomInt, seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';

const labels = ['good', 'ok', 'bad'];
const size = 64;
const windowFruits = 100;
const windowsMax = 3;
/** Behind the baseline. */
const calmWindows = 12;
const usualFruits = 200;
const scenarioFruits = 100;
const seeds = Array.from({ length: 5 }, (_, i) => 40 + i);
const release = {
  ref: { name: 'apples', version: 1, digest: 'd'.repeat(64) },
  modelFile: '',
  variant: 'fp32',
  labels,
  inputSize: size,
};

/** Fruit as a camera sees it, and the belt that it lies on. */
interface Scene {
  readonly fruits: readonly FruitViews[];
  readonly belt: { readonly red: number; readonly green: number; readonly blue: number };
}

function drawScene(scenario: ScenarioName | undefined, fruits: number): Scene {
  const of = scenario === undefined ? {} : { scenario };
  const background = new LineBackground(defaultLineGeometry.frameWidthPx, defaultLineGeometry.frameHeightPx);
  const line = new Line({ seed: 5, fruitsMax: 0, ...of });
  const { frameWidthPx: width, frameHeightPx: height } = defaultLineGeometry;
  const data = new Uint8Array(width * height * 3);
  for (let seq = 0; background.beltColour() === undefined; seq++) {
    const encoderMm = (seq / 12) * line.beltMmPerS;
    line.draw(data, encoderMm, seq);
    background.look({ width, height, data, seq, capturedAtMs: 0, encoderMm });
  }
  return {
    fruits: [...renderViews({ seed: 5, fruits, viewsPerFruit: 2, size, ...of })],
    belt: background.beltColour()!,
  };
}

/** Stands in for a model: sure of what is far from a limit between two grades, and of every variety alike. */
function probabilitiesOf({ defectShare, rotShare }: FruitViews): number[] {
  const beyond = (share: number, limit: number) => 1 / (1 + (limit / Math.max(share, 1e-4)) ** 6);
  const notGood = Math.max(beyond(defectShare, goodShareMax), beyond(rotShare, rotShareMax));
  const bad = Math.min(notGood, Math.max(beyond(defectShare, okShareMax), beyond(rotShare, rotShareMax)));
  return [1 - notGood, notGood - bad, bad];
}

/** Windows of fruit that is taken from the scene by chance. */
function countWindows({ fruits, belt }: Scene, windows: number, seed: number): DriftWindow[] {
  const random = seededRandom(seed, 'scenes');
  const counted: DriftWindow[] = [];
  const writer = new StatisticsWriter(
    { boot: '00000000000000dd', windowFruits },
    {
      clock: { nowMs: () => 1_700_000_000_000, monotonicMs: () => 0 },
      outbox: {
        nextSeq: () => counted.length,
        append: ({ value }) => {
          const sent = decode('drift', encode('drift', value as DriftWindow));
          if (!sent.ok) throw new Error(sent.detail);
          counted.push(sent.value);
          return true;
        },
      },
      belt: () => belt,
      onStored: () => undefined,
      onTrouble: (code, message) => {
        throw new Error(`${code}: ${message}`);
      },
    },
  );
  for (let n = 0; n < windows * windowFruits; n++) {
    const fruit = fruits[randomInt(random, fruits.length)]!;
    const probabilities = probabilitiesOf(fruit);
    const grade = labels[probabilities.indexOf(Math.max(...probabilities))]!;
    const crops = [0, 1].map((k) => fruit.crops.subarray(k * size * size * 3, (k + 1) * size * size * 3));
    writer.offer({
      release,
      record: {
        ...{ seq: n, at: '2026-01-01T00:00:00.000Z', lane: 0, positionMm: n, diameterMm: fruit.diameterMm },
        ...{ grade, gate: 0, outcome: 'graded', probabilities, views: 2, colour: [0, 0, 0], latencyMs: 1 },
      },
      crops: () => crops,
      centralCrops: () => crops,
    });
  }
  return counted;
}

describe('a line', () => {
  const scene = drawScene(undefined, usualFruits);
  const usual = seeds.map((seed) => countWindows(scene, baselineWindows + calmWindows, seed));

  it('raises no alert while nothing changes', () => {
    const kinds = usual.flatMap((windows, k) => judgeLine(windows, seededRandom(seeds[k]!, 'limits')));
    expect(kinds).toHaveLength(seeds.length * calmWindows);
    expect(kinds.filter((kind) => kind !== undefined)).toEqual([]);
  });

  it.each(scenarioNames)('with %s raises the right alert within three windows, and no other', (scenario) => {
    const changed = drawScene(scenario, scenarioFruits);
    for (const [k, seed] of seeds.entries()) {
      const windows = [
        ...usual[k]!.slice(0, baselineWindows + 2),
        ...countWindows(changed, windowsMax, seed),
      ];
      const said = new Set(judgeLine(windows, seededRandom(seed, 'limits')));
      expect([...said], `seed ${seed}`).toEqual([undefined, scenarioKinds[scenario]]);
    }
  });
});
