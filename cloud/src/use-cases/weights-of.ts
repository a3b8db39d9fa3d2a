import { AppError, type ModelView } from '@pomona/wire';

/** The digest of what a version learned. Error: `model-unknown`. */
export async function weightsOf(
  { models }: { readonly models: { find(name: string, version: number): Promise<ModelView | undefined> } },
  { name, version }: { readonly name: string; readonly version: number },
): Promise<string> {
  const parent = await models.find(name, version);
  if (parent?.weightsDigest !== undefined) return parent.weightsDigest;
  throw new AppError('model-unknown', `there are no weights of ${name}@${version} to go on from`, {
    hint: 'Train a new version from the start: older ones did not keep their weights.',
  });
}
