/** What explains an exported network, without the engine that trains one. */
export { type Cells, type Evidence, evidenceOf, type LinearHead } from '../domain/evidence/evidence-of.ts';
export { type ExplainableModel, explainableModel } from '../domain/evidence/explainable-model.ts';
