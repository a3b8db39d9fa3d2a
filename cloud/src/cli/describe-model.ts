import {
  counted,
  type DatasetView,
  describeStandardise,
  type ModelView,
  type QuantizationReport,
  type VariantFigures,
} from '@pomona/wire';
import { describeCalibration } from './describe-calibration.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { describeHeldAgainst } from './describe-held-against.ts';
import { describeGates } from './model-aliases.ts';
import { table } from './output.ts';

/** What a version was made from, what it can do, and which gates it was held against; for a terminal. `dataset`: where it is still here. */
export function describeModel(model: ModelView, dataset?: Pick<DatasetView, 'inputSize'>): string {
  const parameters = Object.entries(model.parameters).map(([name, value]) => `${name}=${value}`);
  const { parent } = model;
  const crops = dataset === undefined ? '' : `, crops of ${dataset.inputSize}×${dataset.inputSize}`;
  return [
    `${model.name}@${model.version}  ${model.digest}`,
    `made        ${model.createdAt}${parent === undefined ? '' : `, went on from ${parent.name}@${parent.version}`}`,
    `network     ${model.network}, ${model.labels.join(' / ')}, release of ${model.releaseBytes} bytes`,
    `dataset     ${model.dataset.name}@${model.dataset.digest}${crops}`,
    ...(model.standardise === undefined ? [] : [`colours     ${describeStandardise(model.standardise)}`]),
    ...describeCalibration(model),
    ...describeRecipe(model),
    `parameters  ${parameters.join(' ')}`,
    `seed        ${model.seed}, code ${model.codeRevision}, ${model.trainImagesPerSecond > 0 ? `${Math.round(model.trainImagesPerSecond)} images/s` : 'speed not measured'}`,
    '',
    ...(model.variants?.length ? [describeVariants(model.variants), ''] : []),
    describeEvaluation(model) + describeHeldAgainst(model.heldAgainst),
    '',
    model.gates === undefined ? 'This version is from before there were gates.' : describeGates(model),
  ].join('\n');
}

function describeRecipe({ recipe }: ModelView): string[] {
  if (recipe === undefined) return [];
  const { name = 'unnamed', version, rules = [] } = recipe;
  return [`recipe      ${name}, version ${version}, ${counted(rules.length, 'rule')}`];
}

function describeVariants(variants: readonly VariantFigures[]): string {
  return [variantTable(variants), ...variants.flatMap(describeQuantization)].join('\n');
}

function describeQuantization({ name, quantization }: VariantFigures): string[] {
  if (quantization === undefined) return [];
  const { ranges, tried, layers, fineTuned } = quantization;
  const ways = tried.map(
    (each) => `${each.ranges} ${percent(each.agreement)} (divergence ${each.divergence.toExponential(1)})`,
  );
  return [
    `${name}: ranges by ${ranges}, of ${ways.join(', ')} in agreement on validation`,
    ...(fineTuned === undefined
      ? []
      : [
          `${name}: fine-tuned in 8 bits, ${percent(fineTuned.agreement)} (divergence ${fineTuned.divergence.toExponential(1)}): ${fineTuned.isKept ? 'kept' : 'not better, so not kept'}`,
        ]),
    ...(layers.length === 0 ? [] : [layerTable(layers)]),
  ];
}

/** Of a layer in floats there is no range; versions from before ranges were kept have none at all. */
function layerTable(layers: QuantizationReport['layers']): string {
  return table(
    ['layer', 'bits', 'ranges by', 'output from', 'to', 'step', 'zero', 'signal to noise, dB'],
    layers.map(({ layer, bits, ranges = '', output, signalToNoiseDb }) => [
      ...[layer, bits === 32 ? '32, left in floats' : bits, ranges],
      ...(output === undefined
        ? ['', '', '', '']
        : [output.min.toFixed(3), output.max.toFixed(3), output.scale.toExponential(2), output.zeroPoint]),
      signalToNoiseDb.toFixed(1),
    ]),
  );
}

function variantTable(variants: readonly VariantFigures[]): string {
  return table(
    ['variant', 'bytes', 'ms/view', 'accuracy', 'agreement', 'ECE'],
    variants.map(({ name, bytes, msPerView, accuracy, agreement, ece }) => [
      name,
      String(bytes),
      msPerView.toFixed(3),
      percent(accuracy),
      percent(agreement),
      ece.toFixed(3),
    ]),
  );
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
