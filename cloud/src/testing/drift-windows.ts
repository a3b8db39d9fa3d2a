import { DriftCounter, driftEdgesVersion, entropyOf } from '@pomona/grading';
import { type DriftWindow, seededRandom } from '@pomona/wire';

/** A line of two-label fruit that differs from lot to lot, as a packhouse's does. */
export interface DrawnLine {
  /** Of the light, on fruit and belt. */
  readonly gain?: number;
  /** Of the colour of the fruit alone. */
  readonly ripeness?: number;
  readonly sharpness?: number;
  readonly bad?: number;
  readonly unsure?: number;
  readonly belt?: boolean;
  /** All of that holds for so many fruits; those that follow are usual. */
  readonly untilFruit?: number;
}

const lotFruits = 60;
const boot = '00000000000000dd';
export const drawnRelease = { name: 'apples', version: 1, digest: 'd'.repeat(64) };

/** `count` windows in a row, the first named `seqFrom`. */
export function drawWindows(
  count: number,
  fruits: number,
  seed: number,
  line: DrawnLine = {},
  seqFrom = 0,
): DriftWindow[] {
  const { belt = true, untilFruit = Number.POSITIVE_INFINITY } = line;
  const random = seededRandom(seed, 'drawn-line');
  let tint = 0;
  let passed = 0;
  return Array.from({ length: count }, (_, at) => {
    const counter = new DriftCounter();
    const grades = { good: 0, bad: 0 };
    const sums = { good: { n: 0, sum: 0 }, bad: { n: 0, sum: 0 } };
    let light = 0;
    for (let i = 0; i < fruits; i++, passed++) {
      const now = passed < untilFruit ? line : {};
      const { gain = 1, ripeness = 1, sharpness = 1, bad = 0.2, unsure = 0 } = now;
      light += gain / fruits;
      if (passed % lotFruits === 0) tint = 10 * random.next();
      const red = Math.min(250, gain * ripeness * (140 + tint + 60 * random.next()));
      const green = red * (0.5 + 0.2 * random.next());
      const label = random.next() < bad ? 'bad' : 'good';
      const top = 0.98 - 0.3 * random.next() ** 3 - unsure * random.next();
      counter.add({
        ...{ luma: 0.3 * red + 0.59 * green + 0.11 * red * 0.4, red, green, blue: red * 0.4 },
        ...{
          saturation: 0.6,
          hue: 30 * random.next(),
          sharpness: sharpness * gain * gain * (80 + 40 * random.next()),
        },
        ...{
          clipped: 0,
          size: 65 + 20 * random.next(),
          topProbability: top,
          entropy: entropyOf([top, 1 - top]),
        },
      });
      grades[label]++;
      sums[label].n++;
      sums[label].sum += top;
    }
    const shade = light * (80 + random.next());
    const instant = '2026-01-01T00:00:00.000Z';
    return {
      ...{ v: 1, boot, seq: seqFrom + at, at: instant, from: instant, to: instant },
      ...{
        release: drawnRelease,
        labels: ['good', 'bad'],
        fruits,
        views: 2 * fruits,
        edges: driftEdgesVersion,
      },
      histograms: counter.histograms(),
      ...(belt && { belt: { red: shade, green: shade, blue: shade } }),
      grades: [
        { grade: 'good', count: grades.good },
        { grade: 'bad', count: grades.bad },
      ],
      confidence: {
        sum: [sums.good.sum + sums.bad.n - sums.bad.sum, sums.bad.sum + sums.good.n - sums.good.sum],
        predicted: [
          { label: 'good', ...sums.good },
          { label: 'bad', ...sums.bad },
        ],
      },
    };
  });
}
