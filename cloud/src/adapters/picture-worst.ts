import type { ModelView } from '@pomona/wire';
import type { PicturedCase } from '../domain/model-card.ts';
import { type ExplainWorstPorts, explainWorst } from '../use-cases/explain-worst.ts';
import { drawExplanation } from './draw-explanation.ts';

const casesMax = 8;
const sidePx = 160;

/** The worst cases as pictures for a model card, where the pictures are still here. */
export async function pictureWorst(ports: ExplainWorstPorts, model: ModelView): Promise<PicturedCase[]> {
  const cases: PicturedCase[] = [];
  for (const { cropPng, explanation, truth, graded, probability, group, source } of await explainWorst(
    ports,
    model,
    casesMax,
  )) {
    if (cropPng === undefined) continue;
    const explainedPng = explanation && (await drawExplanation(cropPng, explanation, graded, sidePx));
    cases.push({
      ...{ cropPng, truth, graded, probability, group },
      ...(source && { source }),
      ...(explainedPng && { explainedPng }),
    });
  }
  return cases;
}
