import { likeliestOf } from '@pomona/grading';
import { AppError, type SampleLabel, type Samples } from '@pomona/wire';
import type { DecidedFruit, ExplainedFruit } from '../domain/explained-fruit.ts';
import type { Sampler } from '../domain/sampler.ts';
import { type SampleHead, SamplePacker, type SamplePackerPorts, sampleViewsMax } from './pack-sample.ts';

export interface SampleWriterPorts extends SamplePackerPorts {
  readonly onTrouble: (code: string, message: string) => void;
}

export type LabelledFruit = Pick<DecidedFruit, 'release' | 'record'> & {
  readonly crops: readonly Uint8Array[];
};

export type SampledFruit = DecidedFruit & Pick<ExplainedFruit, 'viewProbabilities'>;

/** Fruits whose views wait to be packed; one more is let go. */
const waitingMax = 4;

/** Packs the views of chosen fruit into the outbox, after the line has done with them and beside its work. */
export class SampleWriter {
  readonly #setup: { readonly boot: string; readonly sampler: Sampler };
  readonly #ports: SampleWriterPorts;
  readonly #packer: SamplePacker;
  #waiting = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(setup: { readonly boot: string; readonly sampler: Sampler }, ports: SampleWriterPorts) {
    this.#setup = setup;
    this.#ports = ports;
    this.#packer = new SamplePacker(setup.boot, ports);
  }

  /** Returns at once. A fruit that was not seen has nothing to show. */
  offer({ release, record, crops, viewProbabilities }: SampledFruit): void {
    if (record.probabilities.length === 0 || this.#waiting >= waitingMax) return;
    const reason = this.#setup.sampler.choose(record.probabilities, this.#ports.clock.monotonicMs());
    if (reason === undefined) return;
    const { seq, at, lane, grade, probabilities } = record;
    const head = {
      release: release.ref,
      labels: [...release.labels],
      size: release.inputSize,
      reason,
      fruit: {
        ...{ seq, at, lane, grade, probabilities },
        viewVotes: votesOf(release.labels, viewProbabilities),
      },
    } satisfies Partial<Samples>;
    const views = crops(sampleViewsMax);
    this.#waiting++;
    this.#work = this.#work.then(() => this.#write(head, views));
  }

  /** A fruit that a person labelled, whatever the rules for the others say. Rejects with `sample-lost` when it cannot be stored. */
  async label({ release, record, crops }: LabelledFruit, label: SampleLabel): Promise<void> {
    const { seq, at, lane, grade, probabilities } = record;
    const fruit = { seq, at, lane, grade, probabilities };
    const head = { release: release.ref, labels: [...release.labels], size: release.inputSize };
    const isKept = await this.#packer.pack(
      { ...head, label, reason: 'asked', fruit },
      crops.slice(0, sampleViewsMax),
    );
    // Whoever labelled it must not be thanked for what is gone.
    if (!isKept)
      throw new AppError('sample-lost', 'the outbox could not take it', {
        hint: 'Look at the disk and the log of the station.',
      });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #write(head: SampleHead, crops: readonly Uint8Array[]): Promise<void> {
    try {
      await this.#packer.pack(head, crops);
    } catch (error) {
      this.#ports.onTrouble('sample-lost', error instanceof Error ? error.message : String(error));
    } finally {
      this.#waiting--;
    }
  }
}

/** Of how many views each label is the likeliest. */
function votesOf(labels: readonly string[], views: readonly ArrayLike<number>[]): number[] {
  const seen = views.map((view) => likeliestOf(labels, view));
  return labels.map((label) => seen.filter((each) => each === label).length);
}
