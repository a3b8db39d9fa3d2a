import { counted, fewCasesOf, type ModelCalibration, type ModelView, withComma } from '@pomona/wire';

const held: Readonly<Record<ModelCalibration['heldBack'], string>> = {
  test: 'on the test split',
  groups: 'cross-fitted, each group by the others',
  images: 'cross-fitted on images of the same groups: new groups may well do worse',
};

/** What was fitted to which photographs, and what it changed; no lines for a version that was not calibrated. */
export function describeCalibration({ calibration, labels, evaluation }: ModelView): string[] {
  if (calibration === undefined) return [];
  const { scale, shift, dataset, images, groups, heldBack, before } = calibration;
  const { seenImages = 0, seenJudged = 0 } = calibration;
  const shifts = labels.flatMap((label, at) => (at === 0 ? [] : [`${label} ${(shift[at] ?? 0).toFixed(3)}`]));
  const few = fewCasesOf(evaluation);
  const share = (value: number): string => `${(value * 100).toFixed(1)} %`;
  return [
    `calibrated  on ${counted(images, 'image')} of ${counted(groups, 'group')} of ${dataset.name}@${dataset.digest.slice(0, 12)}: scale ${scale.toFixed(3)}, shift ${shifts.join(', ')}`,
    ...(seenImages === null
      ? ['seen        whether the network learned from some of them is not known']
      : seenImages > 0
        ? [
            `seen        the network learned from ${seenImages} of the images of ${dataset.name}${seenJudged === 0 ? ', and from none that judge it' : ': take photographs that it never saw, these figures flatter it'}`,
          ]
        : []),
    `judged      ${held[heldBack]}; before: accuracy ${share(before.accuracy)}, balanced ${share(before.balancedAccuracy)}, calibration error ${share(before.ece)}${withComma(few)}`,
  ];
}
