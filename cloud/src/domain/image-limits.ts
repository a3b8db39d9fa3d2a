import type { ImageFigures, ImageLimits, ProjectTargets } from '@pomona/wire';

/**
 * Until someone sets others. Beyond the extremes of 1,140 phone photographs and 163 of a turntable that people called usable
 * (ADR 21 has the figures), so that they refuse what has failed and judge nobody's taste.
 */
export const defaultImageLimits: Required<ImageLimits> = {
  minSidePx: 32,
  minScore: 0.2,
  minFill: 0.02,
  minSharpness: 2,
  minLuma: 20,
  maxLuma: 235,
  minLumaRange: 20,
  maxHighlights: 0.4,
  maxShadows: 0.3,
  maxCastDegrees: 25,
  maxTwinBits: 8,
  minTwinCorrelation: 0.75,
};

export interface Breach {
  readonly figure: string;
  readonly value: number;
  readonly limit: number;
  readonly reason: string;
}

interface Rule {
  readonly figure: keyof ImageFigures;
  readonly limit: keyof ImageLimits;
  readonly words: (value: string, limit: string) => string;
}

/** In the order in which they are told; the first that fails is the reason. */
const rules: readonly Rule[] = [
  rule(
    'sidePx',
    'minSidePx',
    (value, limit) => `its shorter side has ${value} pixels, at least ${limit} are needed`,
  ),
  rule(
    'score',
    'minScore',
    (value, limit) => `no single fruit stands out in it: the outline's score is ${value}, less than ${limit}`,
  ),
  rule('fill', 'minFill', (value, limit) => `the fruit fills ${value} of the picture, less than ${limit}`),
  rule(
    'luma',
    'minLuma',
    (value, limit) => `the fruit is too dark: its mean luma is ${value}, less than ${limit}`,
  ),
  rule(
    'luma',
    'maxLuma',
    (value, limit) => `the fruit is too bright: its mean luma is ${value}, more than ${limit}`,
  ),
  rule(
    'highlights',
    'maxHighlights',
    (value, limit) => `highlights are clipped on ${value} of the fruit, more than ${limit}`,
  ),
  rule(
    'shadows',
    'maxShadows',
    (value, limit) => `shadows are clipped on ${value} of the fruit, more than ${limit}`,
  ),
  rule('lumaRange', 'minLumaRange', (value, limit) => `the fruit's luma spans ${value}, less than ${limit}`),
  rule(
    'sharpness',
    'minSharpness',
    (value, limit) => `it is blurred: the variance of the Laplacian is ${value}, less than ${limit}`,
  ),
  rule(
    'castDegrees',
    'maxCastDegrees',
    (value, limit) => `the light has a cast of ${value} degrees, more than ${limit}`,
  ),
];

function rule(figure: Rule['figure'], limit: Rule['limit'], words: Rule['words']): Rule {
  return { figure, limit, words };
}

/** What the project sets, and the defaults for the rest. */
export function imageLimitsOf({ imageLimits }: Pick<ProjectTargets, 'imageLimits'>): Required<ImageLimits> {
  return { ...defaultImageLimits, ...imageLimits };
}

/** The first limit that a photograph is beyond; undefined when it can be used. */
export function breachOf(figures: ImageFigures, limits: Required<ImageLimits>): Breach | undefined {
  return breachesOf(figures, limits)[0];
}

/** All limits that a photograph is beyond. */
export function breachesOf(figures: ImageFigures, limits: Required<ImageLimits>): Breach[] {
  return rules.flatMap(({ figure, limit: name, words }) => {
    const value = figures[figure];
    const limit = limits[name];
    if (name.startsWith('min') ? value >= limit : value <= limit) return [];
    return [{ figure, value, limit, reason: words(shown(value), shown(limit)) }];
  });
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
