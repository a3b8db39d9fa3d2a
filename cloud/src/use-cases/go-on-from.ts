import { AppError, type DatasetView, type ModelView } from '@pomona/wire';

/**
 * What a training is to begin with instead of random numbers. The network is that of the version unless somebody names it. That its
 * crops are of the dataset's size is for the training program to see. Error: `from-unsuited`.
 */
export function goOnFrom(
  model: Pick<ModelView, 'name' | 'version' | 'labels' | 'network'>,
  dataset: Pick<DatasetView, 'name' | 'labels'>,
  network: string | undefined,
): { readonly from: { readonly name: string; readonly version: number }; readonly network: string } {
  const { name, version, labels } = model;
  const of = `${name}@${version}`;
  if (network !== undefined && network !== model.network) {
    throw new AppError('from-unsuited', `${of} is of the network ${model.network}, not ${network}`, {
      hint: `Leave the network out to take that of ${of}, or train ${network} from the start.`,
    });
  }
  const differ =
    labels.length !== dataset.labels.length || labels.some((label) => !dataset.labels.includes(label));
  if (differ) {
    throw new AppError(
      'from-unsuited',
      `${of} grades ${labels.join(', ')}; ${dataset.name} has ${dataset.labels.join(', ')}`,
      { hint: 'Label the images with the grades of the model, or train from the start.' },
    );
  }
  return { from: { name, version }, network: model.network };
}
