/**
 * The grading worker's side of the page at the line. It does next to nothing for each frame and fruit: one message for a fruit, the
 * views of some, and a copy of a frame when somebody asked for one. What costs (smaller pictures, files, HTTP) is done by the
 * main thread.
 */
import type { Frame } from '@pomona/grading';
import type { Clock, SampleLabel } from '@pomona/wire';
import { explainGrade } from '../domain/explain-grade.ts';
import type { ExplainedFruit } from '../domain/explained-fruit.ts';
import type { FromLine, FruitOnPicture, LineQuestion, ShownFruit } from '../domain/line-messages.ts';
import { isReject, type KeptFruit, Showcase } from '../domain/showcase.ts';

export interface LineShowPorts {
  readonly say: (message: FromLine) => void;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Colour of the belt as it is seen now; undefined when none is. */
  readonly belt: () => ShownFruit['belt'];
  /** Stores the fruit as a sample with that label; rejects when it cannot. */
  readonly label: (fruit: KeptFruit, label: SampleLabel) => Promise<void>;
}

export class LineShow {
  readonly #ports: LineShowPorts;
  readonly #showcase = new Showcase();
  #wanted: SharedArrayBuffer | undefined;

  constructor(ports: LineShowPorts) {
    this.#ports = ports;
  }

  decided(fruit: ExplainedFruit): void {
    const { say, clock, belt } = this.#ports;
    const { grade } = fruit.record;
    const kept = this.#showcase.offer(fruit, clock.monotonicMs());
    const outcome = outcomeOf(fruit);
    say({ kind: 'decided', grade, outcome, ...(kept && { shown: shownOf(fruit, kept, belt()) }) });
  }

  /** After each frame; `fruit` is what its picture shows. */
  graded(frame: Frame, fruit: () => FruitOnPicture[]): void {
    const pixels = this.#wanted;
    if (pixels === undefined) return;
    this.#wanted = undefined;
    new Uint8Array(pixels).set(frame.data.subarray(0, pixels.byteLength));
    this.#ports.say({ kind: 'looked', seq: frame.seq, fruit: fruit() });
  }

  async obey(question: LineQuestion): Promise<void> {
    switch (question.kind) {
      case 'look':
        this.#wanted = question.pixels;
        return;
      case 'views':
        return this.#tellViews(question.seq);
      case 'correct':
        return this.#correct(question.seq, question.label);
    }
  }

  #tellViews(seq: number): void {
    const fruit = this.#showcase.hold(seq);
    const { crops, size } = { crops: fruit?.crops ?? [], size: fruit?.release.inputSize ?? 0 };
    this.#ports.say({ kind: 'views', seq, size, crops });
  }

  async #correct(seq: number, label: SampleLabel): Promise<void> {
    const { say, label: store } = this.#ports;
    const fruit = this.#showcase.hold(seq);
    if (fruit === undefined || fruit.crops.length === 0) {
      say({ kind: 'corrected', seq, problem: 'its views are not kept any more' });
      return;
    }
    try {
      await store(fruit, label);
      say({ kind: 'corrected', seq });
    } catch (error) {
      say({ kind: 'corrected', seq, problem: error instanceof Error ? error.message : String(error) });
    }
  }
}

function outcomeOf({ record }: ExplainedFruit): ShownFruit['outcome'] {
  return record.paused === true ? 'paused' : record.outcome;
}

function shownOf(fruit: ExplainedFruit, { crops }: KeptFruit, belt: ShownFruit['belt']): ShownFruit {
  const { release, recipe, record, viewProbabilities } = fruit;
  const { seq, lane, grade, diameterMm } = record;
  return {
    ...{ seq, lane, grade, diameterMm, outcome: outcomeOf(fruit), isReject: isReject(record, recipe) },
    reason: explainGrade(recipe, release.labels, record, viewProbabilities),
    labels: release.labels,
    size: release.inputSize,
    view: crops[crops.length >> 1],
    belt,
  };
}
