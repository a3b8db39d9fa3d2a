import { counted, type JobView, type TuneOrder, type TuneResult, type TuneTrial } from '@pomona/wire';

/** What a tuning tried so far; nothing before its first trial. */
export function triedBy({ result }: JobView): TuneResult {
  return (result as TuneResult | null) ?? { trials: [] };
}

/** Where a tuning stands, in a line. */
export function tuneWords(job: JobView): string {
  const { trying, chosen, why, name, version } = triedBy(job);
  if (name !== undefined) return `${name}@${version} is trial ${chosen?.trial}, trained in full: ${why}.`;
  if (job.endedAt !== null) return job.error ?? 'It ended before anything was chosen.';
  if (job.startedAt === null) return 'It waits for its turn.';
  if (chosen !== undefined) return `Trial ${chosen.trial} is trained in full: ${why}.`;
  const { budgetMinutes } = job.request as Partial<TuneOrder>;
  const within = budgetMinutes === undefined ? '' : ` It tries for ${counted(budgetMinutes, 'minute')}.`;
  if (trying === undefined) return `It measures how fast each network is.${within}`;
  const { trial, network, size, epochs } = trying;
  return `Trial ${trial} runs: ${network} at ${size}×${size}, ${passes(epochs)}.${within}`;
}

/** The best first. */
export function byScore(trials: readonly TuneTrial[]): TuneTrial[] {
  return trials.toSorted((a, b) => b.score - a.score);
}

/** The settings of a trial, in a line. */
export function settingWords({ recipe }: TuneTrial): string {
  const { brightness, whiteBalance, gamma } = recipe.augmentation;
  return [
    `rate ${Number(recipe.learningRate.toPrecision(2))}`,
    `rare grades ${share(recipe.classBalance)}`,
    `brightness ±${share(brightness)}`,
    `white ±${share(whiteBalance)}`,
    `gamma ±${share(gamma)}`,
  ].join(', ');
}

function passes(epochs: number): string {
  return epochs === 1 ? 'one pass' : `${epochs} passes`;
}

function share(value: number): string {
  return `${Math.round(value * 100)}\u00a0%`;
}
