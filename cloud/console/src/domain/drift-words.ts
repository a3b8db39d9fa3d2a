/** Drift for who knows apples: what each statistic is, and what a station's newest window says. */
import type { DriftFigure, DriftSummary } from '@pomona/wire';
import { alertWords } from './alert-words.ts';
import { formatPercent } from './format.ts';

interface StatisticWords {
  readonly name: string;
  /** What it is of, and in which unit. */
  readonly of: string;
  readonly format: (value: number) => string;
}

const level = (value: number) => value.toFixed(0);
const byStatistic: Readonly<Record<string, StatisticWords>> = {
  luma: { name: 'Brightness', of: 'of the fruit in the picture, 0 to 255', format: level },
  red: { name: 'Red', of: 'in the fruit’s colour, 0 to 255', format: level },
  green: { name: 'Green', of: 'in the fruit’s colour, 0 to 255', format: level },
  blue: { name: 'Blue', of: 'in the fruit’s colour, 0 to 255', format: level },
  saturation: { name: 'Strength of colour', of: '0 % is grey', format: formatPercent },
  hue: {
    name: 'Colour',
    of: 'as an angle: 0° is red, 60° yellow, 120° green',
    format: (v) => `${level(v)}°`,
  },
  sharpness: {
    name: 'Sharpness',
    of: 'of the picture; it falls with a dirty lens',
    format: (v) => v.toPrecision(3),
  },
  clipped: { name: 'Too dark or too bright', of: 'share of the fruit without detail', format: formatPercent },
  size: { name: 'Size', of: 'diameter of the fruit', format: (v) => `${v.toFixed(1)} mm` },
  topProbability: { name: 'Confidence', of: 'the model’s, in the grade it chose', format: formatPercent },
  entropy: { name: 'Doubt', of: 'the model’s; 0 is none', format: (v) => v.toFixed(2) },
  grades: { name: 'Grades', of: 'how many fruits get each', format: String },
};

/** A statistic that is newer than this page goes by its own name. */
export function statisticWords(name: string): StatisticWords {
  return byStatistic[name] ?? { name, of: '', format: (value) => value.toPrecision(3) };
}

export interface DriftVerdict {
  readonly state: 'empty' | 'learning' | 'fine' | 'look' | 'drift';
  readonly title: string;
  readonly means: string;
  readonly todo: string;
}

const kindNames = {
  camera: 'Camera drift: the picture changed',
  population: 'Population drift: other fruit comes',
  model: 'Model drift: the model may not know this fruit',
} as const;

/** Whether a station still grades what it began with, and what to do when not. */
export function driftVerdict({ newest, kind, baseline }: DriftSummary): DriftVerdict {
  if (newest === null)
    return {
      state: 'empty',
      title: 'Nothing counted yet',
      means:
        'The station sums up its fruit in windows. The first comes when it has graded enough for one, by default 500.',
      todo: '',
    };
  if (kind !== null) return { state: 'drift', title: kindNames[kind], ...alertWords[`drift-${kind}`] };
  if (!baseline.complete)
    return {
      state: 'learning',
      title: `Still learning its baseline: ${baseline.windows} of ${baseline.needed} windows`,
      means:
        'What the first windows show is taken as normal for this release here. Nothing is judged before.',
      todo: '',
    };
  if (newest.verdict === 'baseline')
    return {
      state: 'learning',
      title: 'The baseline is complete',
      means: 'The next window is the first to be compared with it.',
      todo: '',
    };
  if (newest.verdict === 'beyond')
    return {
      state: 'look',
      title: 'Mostly as before',
      means: `The newest window is beyond a limit (${beyondNames(newest).join(', ')}). That is a drift only if it stays or is far beyond.`,
      todo: '',
    };
  return {
    state: 'fine',
    title: 'Fine: as in its baseline',
    means: 'Light, fruit and the model’s confidence are as they were.',
    todo: '',
  };
}

/** What stands out in a window, by name. */
function beyondNames({ statistics, accuracyAtBaselineMix }: NonNullable<DriftSummary['newest']>): string[] {
  const names = statistics.filter(({ beyond }) => beyond).map(({ name }) => statisticWords(name).name);
  return accuracyAtBaselineMix.beyond ? [...names, 'Estimated accuracy'] : names;
}

/** How many times its limit a score is; null where nothing was judged. */
export function timesLimit({ psi, limit }: DriftFigure): number | null {
  return psi === null || limit === null || limit === 0 ? null : psi / limit;
}
