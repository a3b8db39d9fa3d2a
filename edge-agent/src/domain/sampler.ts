/**
 * Decides which fruit a person should label: those that the model is unsure of, which teach it most, and a few at random,
 * which tell how it does on what it is sure of. Each reason is bounded by minute and by day, so that a model that is lost
 * does not fill the network.
 */
import type { Random } from '@pomona/wire';

export interface SampleRate {
  readonly perMinuteMax: number;
  readonly perDayMax: number;
}

export interface SamplingRules {
  readonly uncertain: SampleRate & { readonly topBelow: number; readonly marginBelow: number };
  readonly random: SampleRate & { readonly share: number };
}

const dayMs = 86_400_000;
const minuteMs = 60_000;

export class Sampler {
  readonly #rules: SamplingRules;
  readonly #random: Random;
  readonly #uncertain: Allowance;
  readonly #randomly: Allowance;

  constructor(rules: SamplingRules, random: Random) {
    this.#rules = rules;
    this.#random = random;
    this.#uncertain = new Allowance(rules.uncertain);
    this.#randomly = new Allowance(rules.random);
  }

  /** Undefined for a fruit that is let pass. `nowMs` is monotonic. */
  choose(probabilities: readonly number[], nowMs: number): 'uncertain' | 'random' | undefined {
    const [top = 0, second = 0] = probabilities.toSorted((a, b) => b - a);
    const { uncertain, random } = this.#rules;
    const isUncertain = top < uncertain.topBelow || top - second < uncertain.marginBelow;
    // Drawn first: a random sample must not depend on what the model thinks.
    if (this.#random.next() < random.share && this.#randomly.take(nowMs)) return 'random';
    return isUncertain && this.#uncertain.take(nowMs) ? 'uncertain' : undefined;
  }
}

/** A token bucket of one minute's size, and a count that starts again every 24 hours. */
export class Allowance {
  readonly #rate: SampleRate;
  #tokens: number;
  #filledAtMs: number | undefined;
  #dayStartedAtMs: number | undefined;
  #takenToday = 0;

  constructor(rate: SampleRate) {
    this.#rate = rate;
    this.#tokens = rate.perMinuteMax;
  }

  take(nowMs: number): boolean {
    const { perMinuteMax, perDayMax } = this.#rate;
    const waitedMs = nowMs - (this.#filledAtMs ?? nowMs);
    this.#tokens = Math.min(perMinuteMax, this.#tokens + (waitedMs * perMinuteMax) / minuteMs);
    this.#filledAtMs = nowMs;
    if (this.#dayStartedAtMs === undefined || nowMs - this.#dayStartedAtMs >= dayMs) {
      this.#dayStartedAtMs = nowMs;
      this.#takenToday = 0;
    }
    if (this.#tokens < 1 || this.#takenToday >= perDayMax) return false;
    this.#tokens--;
    this.#takenToday++;
    return true;
  }
}
