/** A training run as a person in a terminal sees it: a bar where there is a terminal, a line per epoch elsewhere. */

import type { TrainingEvent } from '@pomona/training';
import { counted } from '@pomona/wire';
import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

export interface TrainingBar {
  onEvent(event: TrainingEvent): void;
  stop(): void;
}

/** Where `isToResume`, it says whether there was something to go on from. */
export function createTrainingBar(output: Output, { isToResume = false } = {}): TrainingBar {
  const bar = process.stderr.isTTY ? createBar() : undefined;
  let isOpen = isToResume;
  return {
    onEvent(event) {
      switch (event.type) {
        case 'started':
          output.say(
            `training ${event.network} on ${counted(event.images, 'image')}, ${counted(event.epochs, 'epoch')}`,
          );
          bar?.start(event.steps, 0, { loss: '-', accuracy: '-', speed: '-', left: '-' });
          return;
        case 'resumed':
          isOpen = false;
          output.say(`goes on after epoch ${event.epoch}`);
          return;
        case 'progress':
          if (isOpen) output.say(anew);
          isOpen = false;
          bar?.update(event.step, {
            loss: event.loss.toFixed(3),
            accuracy: (event.accuracy * 100).toFixed(1),
            speed: Math.round(event.imagesPerSecond),
            left: duration(event.etaMs),
          });
          return;
        case 'epoch':
          if (bar === undefined) output.say(describeEpoch(event));
          return;
        case 'evaluated':
        case 'done':
        case 'failed':
          bar?.stop();
      }
    },
    stop: () => bar?.stop(),
  };
}

const anew =
  'begins anew: of a training on this dataset version with these options nothing is kept (it is from five seconds on, and until the training is done)';

function createBar(): SingleBar {
  return new SingleBar(
    {
      format: '  [{bar}] {percentage} %  loss {loss}  accuracy {accuracy} %  {speed} images/s  {left} left',
      hideCursor: true,
      stream: process.stderr,
      clearOnComplete: false,
      etaBuffer: 1,
    },
    Presets.shades_classic,
  );
}

function describeEpoch(event: Extract<TrainingEvent, { type: 'epoch' }>): string {
  const { epoch, epochs, loss, accuracy, validationAccuracy } = event;
  const share = (value: number) => `${(value * 100).toFixed(1)} %`;
  return `  epoch ${epoch}/${epochs}  loss ${loss.toFixed(3)}  accuracy ${share(accuracy)}  validation ${share(validationAccuracy)}`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
