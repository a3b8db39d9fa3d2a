import type { ModelView, ProjectView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { lookAtPhotograph } from '../adapters/look-at-photograph.ts';
import { defaultImageLimits } from '../domain/image-limits.ts';
import { drawPhotograph } from '../testing/draw-photograph.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { predict } from './predict.ts';

const model = { name: 'apples', version: 1, digest: 'd', labels: ['good', 'bad'] } as unknown as ModelView;
const cropPlace = { left: 0.1, top: 0.1, width: 0.5, height: 0.5 };
const view = { probabilities: [0.9, 0.1], cropPng: '', outline: [], cropPlace, score: 0.5, fill: 0.2 };

async function minScoreAsked(imageLimits: { minScore?: number }): Promise<number | undefined> {
  let asked: number | undefined;
  const ports = {
    models: { resolve: async () => model },
    project: { read: async () => ({ targets: { imageLimits } }) as unknown as ProjectView },
    look: async (_model: ModelView, _photograph: Uint8Array, minScore: number) => {
      asked = minScore;
      return view;
    },
    clock: new ManualClock(),
  };
  await predict(ports, 'apples', new Uint8Array());
  return asked;
}

describe('a prediction', () => {
  it('asks as much of the outline as the project asks of photographs', async () => {
    expect(await minScoreAsked({ minScore: 0.4 })).toBe(0.4);
    expect(await minScoreAsked({})).toBe(defaultImageLimits.minScore);
  });

  it('sees no fruit where the outline is less sure, and says by how much', async () => {
    const photograph = await drawPhotograph(1).jpeg().toBuffer();
    const job = { id: 1, photograph, modelFile: 'absent', inputSize: 32, labels: ['good', 'bad'] };
    expect(await lookAtPhotograph({ ...job, minScore: 0.95 })).toMatchObject({
      ...{ ok: false, code: 'no-fruit' },
      reason: expect.stringMatching(/the outline's score is .*, less than 0\.95/),
    });
    expect(await lookAtPhotograph({ ...job, minScore: 0.2 })).toMatchObject({ code: 'model-unreadable' });
  });
});
