/** Which model versions a photograph, a dataset version or another model version reached, by what each of them records. */
import type { LineageLink, LineageModel, ModelView } from '@pomona/wire';
import type { Split } from './dataset.ts';

/** A dataset version: whole, or a photograph in it, which is in one split. */
export interface Reaching {
  readonly digest: string;
  readonly split?: Split;
}

type VersionKey = Pick<ModelView, 'name' | 'version'>;
type LinkedModel = Pick<LineageModel, 'name' | 'version' | 'place' | 'links'>;

/** Versions that learnt from one of these, were judged by or calibrated on it, and those that went on from them. */
export function reachedBy(models: readonly ModelView[], reaching: readonly Reaching[]): LinkedModel[] {
  const links = new Map<string, LineageLink[]>();
  for (const model of models) {
    const direct = reaching.flatMap((each) => directLinks(model, each));
    if (direct.length > 0) links.set(nameOf(model), unique(direct));
  }
  // What only judged a version is not in its weights, and so in none that went on from them.
  const carrying = [...links]
    .filter(([, all]) => all.some(({ as }) => as !== 'tested'))
    .map(([name]) => name);
  addDescendants(models, carrying, links);
  return models.flatMap((model) => {
    const found = links.get(nameOf(model));
    return found ? [{ name: model.name, version: model.version, place: 'after' as const, links: found }] : [];
  });
}

/** The version, those that it went on from, and those that went on from it. */
export function familyOf(models: readonly ModelView[], model: ModelView): LinkedModel[] {
  const byName = new Map(models.map((each) => [nameOf(each), each]));
  const ancestors = new Set<string>();
  for (let at = model.parent; at && !ancestors.has(nameOf(at)); at = byName.get(nameOf(at))?.parent)
    ancestors.add(nameOf(at));
  const descendants = new Map<string, LineageLink[]>();
  addDescendants(models, [nameOf(model)], descendants);
  return models.flatMap((each) => {
    const { version, parent, dataset, calibration } = each;
    const name = nameOf(each);
    const isItself = name === nameOf(model);
    if (!isItself && !ancestors.has(name) && !descendants.has(name)) return [];
    const links: LineageLink[] = [{ as: 'learnt', from: datasetName(dataset) }];
    if (calibration) links.push({ as: 'calibrated', from: datasetName(calibration.dataset) });
    if (parent) links.push({ as: 'went-on', from: nameOf(parent) });
    const place = isItself ? 'itself' : ancestors.has(name) ? 'before' : 'after';
    return [{ name: each.name, version, place, links }];
  });
}

export function nameOf({ name, version }: VersionKey): string {
  return `${name}@${version}`;
}

function directLinks(model: ModelView, { digest, split }: Reaching): LineageLink[] {
  const links: LineageLink[] = [];
  const { dataset, calibration } = model;
  if (dataset.digest === digest) {
    const as = split === 'test' ? 'tested' : split === 'validation' ? 'validated' : 'learnt';
    links.push({ as, from: datasetName(dataset) });
  }
  if (calibration?.dataset.digest === digest) {
    // Cross-fitted, every image has its share in the calibration that ships, also those of the test split.
    const isHeldBack = split === 'test' && calibration.heldBack === 'test';
    links.push({ as: isHeldBack ? 'tested' : 'calibrated', from: datasetName(calibration.dataset) });
  }
  return links;
}

/** Adds to `links` every version that went on from one of `from`, whatever the way. */
function addDescendants(
  models: readonly ModelView[],
  from: readonly string[],
  links: Map<string, LineageLink[]>,
): void {
  const passed = new Set<string>();
  for (let generation = [...from]; generation.length > 0; ) {
    for (const name of generation) passed.add(name);
    const next = new Set<string>();
    for (const model of models) {
      const parent = model.parent && nameOf(model.parent);
      if (parent === undefined || !generation.includes(parent)) continue;
      const name = nameOf(model);
      links.set(name, unique([...(links.get(name) ?? []), { as: 'went-on', from: parent }]));
      if (!passed.has(name)) next.add(name);
    }
    generation = [...next];
  }
}

function datasetName({ name, digest }: ModelView['dataset']): string {
  return `${name}@${digest.slice(0, 12)}`;
}

function unique(links: readonly LineageLink[]): LineageLink[] {
  return [...new Map(links.map((link) => [`${link.as} ${link.from}`, link])).values()];
}
