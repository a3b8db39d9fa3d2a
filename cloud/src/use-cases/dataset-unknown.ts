import { AppError, type DatasetView } from '@pomona/wire';
import { whatThereIs } from '../domain/what-there-is.ts';

/** Of a reference, `NAME` or `NAME@DIGEST`, that finds none of those that are there. */
export function datasetUnknown(
  reference: string,
  there: readonly Pick<DatasetView, 'name' | 'digest'>[],
): AppError {
  const [name = ''] = reference.split('@');
  const versions = there.filter((each) => each.name === name);
  const names = versions.length === 0 ? there.map((each) => each.name) : versions.map(shortReference);
  return new AppError('dataset-unknown', `there is no dataset ${reference}`, {
    hint: `${whatThereIs(names)} See all with \`pomona dataset list\`, or make one with \`pomona dataset import\`.`,
  });
}

function shortReference({ name, digest }: Pick<DatasetView, 'name' | 'digest'>): string {
  return `${name}@${digest.slice(0, 12)}`;
}
