import { AppError, type ModelView } from '@pomona/wire';

/** Error: `model-unknown`. */
export async function findModel(
  { models }: { readonly models: { find(name: string, version: number): Promise<ModelView | undefined> } },
  { name, version }: { readonly name: string; readonly version: number },
): Promise<ModelView> {
  const model = await models.find(name, version);
  if (model !== undefined) return model;
  throw new AppError('model-unknown', `there is no model ${name}@${version}`, {
    hint: 'See the list: pomona model list.',
  });
}
