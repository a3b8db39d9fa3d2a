/**
 * How a release answers and keeps up, over its newest fruits; and is the next one so much worse on the same line that it
 * must go? Golden views are too few for that, and a share of late fruit says nothing of a model that has lost its mind in time.
 *
 * Fruit changes as well, by the lot. So the limits are wide, both sides must have seen enough, and what the recipe makes of
 * the answers does not count.
 */
import { quantile, type RecentValues } from './recent-values.ts';

export interface Conduct {
  /** Its newest fruits that were seen. */
  readonly answered: number;
  /** Of those, by the label that the model held likeliest; in the order of its labels. */
  readonly byLabel: readonly number[];
  /** Their mean of how far the likeliest label's share was above chance: 0 knows nothing, 1 is sure. */
  readonly certainty: number;
  /** Fruits of the last minutes, and what part of its time the decision took of the slowest in a hundred of them. */
  readonly timed: number;
  readonly timeUsedP99: number;
  /** That the camera gave and nobody graded, while it was the one for new fruit. */
  readonly droppedFrames: number;
}

const answersMax = 500;
const answeredMin = 100;
/** A release gave at least two labels when the second one had so much of the fruit. */
const secondShareMin = 0.1;
/** Of the release before: less is a collapse. */
const certaintyOfBefore = 0.5;
/** Three late ones among so many: one hiccup of the board is none of the release. */
const timedMin = 200;
/** Ten seconds of a usual camera. */
const framesMin = 300;
const gradedOfBefore = 0.5;
/** From a tenth on there is a suspicion, for which proof can wait. */
const suspicionShare = 0.1;

export class Answers {
  readonly #labels = new Uint8Array(answersMax);
  readonly #certainties = new Float64Array(answersMax);
  readonly #labelCount: number;
  #count = 0;
  #droppedFrames = 0;

  constructor(labelCount: number) {
    this.#labelCount = labelCount;
  }

  /** `probabilities`: none for a fruit that was not seen. */
  add(probabilities: readonly number[]): void {
    if (probabilities.length === 0) return;
    const most = Math.max(...probabilities);
    const at = this.#count++ % answersMax;
    this.#labels[at] = probabilities.indexOf(most);
    const chance = 1 / this.#labelCount;
    this.#certainties[at] = this.#labelCount > 1 ? (most - chance) / (1 - chance) : 1;
  }

  addDropped(frames: number): void {
    this.#droppedFrames += frames;
  }

  conduct(timeUsed: RecentValues, nowMs: number): Conduct {
    const answered = Math.min(this.#count, answersMax);
    const byLabel = Array.from({ length: this.#labelCount }, () => 0);
    let certainty = 0;
    for (let i = 0; i < answered; i++) {
      byLabel[this.#labels[i]!]!++;
      certainty += this.#certainties[i]! / answered;
    }
    const used = timeUsed.sorted(nowMs);
    return {
      ...{ answered, byLabel, certainty, timed: used.length, timeUsedP99: quantile(used, 0.99) },
      droppedFrames: this.#droppedFrames,
    };
  }
}

interface Graded {
  readonly frames: number;
  readonly conduct?: Conduct;
}

/** What is wrong; `sure` once enough was seen on both sides. */
export interface Suspicion {
  readonly sure: boolean;
  readonly reason: string;
}

/** The surest, or none. Without figures of both there is none. */
export function compareConduct(now: Graded, before: Graded | undefined): Suspicion | undefined {
  if (now.conduct === undefined || before?.conduct === undefined) return undefined;
  const found = [
    oneLabel(now.conduct, before.conduct),
    unsure(now.conduct, before.conduct),
    slow(now.conduct, before.conduct),
    behind(now, before),
  ].filter((each) => each !== undefined);
  return found.find(({ sure }) => sure) ?? found[0];
}

function oneLabel(now: Conduct, before: Conduct): Suspicion | undefined {
  const second = [...before.byLabel].sort((a, b) => b - a)[1] ?? 0;
  if (before.answered < answeredMin || second < before.answered * secondShareMin) return undefined;
  if (Math.max(...now.byLabel) < now.answered) return undefined;
  return suspicion(
    now.answered,
    answeredMin,
    `it holds all of ${now.answered} fruits for the same, where the release before told ${percent(second / before.answered)} from the others`,
  );
}

function unsure(now: Conduct, before: Conduct): Suspicion | undefined {
  if (before.answered < answeredMin || now.certainty >= before.certainty * certaintyOfBefore)
    return undefined;
  return suspicion(
    now.answered,
    answeredMin,
    `it is sure to ${percent(now.certainty)} of ${now.answered} fruits, the release before was to ${percent(before.certainty)}`,
  );
}

/** Beyond the last moment for the shot, where the release before was within it. */
function slow(now: Conduct, before: Conduct): Suspicion | undefined {
  if (before.timed < timedMin || before.timeUsedP99 > 1 || now.timeUsedP99 <= 1) return undefined;
  return suspicion(
    now.timed,
    timedMin,
    `the slowest 1 % of ${now.timed} fruits were late, of the release before they were in time`,
  );
}

/** By what the camera gave: a slower camera is no fault of a release. */
function behind(now: Graded, before: Graded): Suspicion | undefined {
  const [given, givenBefore] = [framesGiven(now), framesGiven(before)];
  if (givenBefore < framesMin || given === 0) return undefined;
  const [share, shareBefore] = [now.frames / given, before.frames / givenBefore];
  if (share >= shareBefore * gradedOfBefore) return undefined;
  return suspicion(
    given,
    framesMin,
    `it grades ${percent(share)} of the camera's frames, the release before graded ${percent(shareBefore)}`,
  );
}

function framesGiven({ frames, conduct }: Graded): number {
  return frames + (conduct?.droppedFrames ?? 0);
}

function suspicion(count: number, enough: number, reason: string): Suspicion | undefined {
  return count < enough * suspicionShare ? undefined : { sure: count >= enough, reason };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
