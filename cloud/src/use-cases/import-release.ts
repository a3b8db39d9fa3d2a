import { type Manifest, type Publication, releaseBytes, type TrustRepository } from '@pomona/release';
import type { Clock, ModelLogEntry, ModelView, ReleaseRef, VariantFigures } from '@pomona/wire';
import { archiveError } from '../domain/archive-errors.ts';
import { type JudgeVersionPorts, judgeVersion } from './judge-version.ts';

/** A release that was checked against the root of the control plane that made it. */
export interface CheckedRelease {
  readonly release: ReleaseRef;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly contents: ReadonlyMap<string, Uint8Array>;
  readonly signedAt: string;
}

export interface ImportReleasePorts extends Pick<JudgeVersionPorts, 'project'> {
  readonly trust: Pick<TrustRepository, 'publishManifest'>;
  readonly blobs: { put(bytes: Uint8Array): Promise<string> };
  readonly models: JudgeVersionPorts['models'] & {
    save(model: ModelView, entry: Omit<ModelLogEntry, 'name'>): Promise<void>;
    changeVersions(
      changes: readonly {
        readonly name: string;
        readonly version: number;
        readonly record: ModelView | undefined;
        readonly entry: Omit<ModelLogEntry, 'name'>;
      }[],
    ): Promise<void>;
  };
  readonly clock: Clock;
}

export interface ImportedRelease {
  readonly model: ModelView;
  readonly said: Publication | 'known';
}

/**
 * Signs a release of another control plane with the keys of this one, under its own name and version, and registers it with
 * its lineage. The figures are those that its maker signed; what its mistakes cost and the gates are judged here, by the targets of this project. Again
 * after a crash: what is missing is done. Errors: `version-taken`.
 */
export async function importRelease(
  { trust, blobs, models, project, clock }: ImportReleasePorts,
  checked: CheckedRelease,
  {
    actor,
    reason,
    rootDigest,
  }: { readonly actor: string; readonly reason: string; readonly rootDigest: string },
): Promise<ImportedRelease> {
  const { name, version, digest } = checked.release;
  const known = await models.find(name, version);
  if (known && known.digest !== digest)
    throw archiveError(
      'version-taken',
      `${name}@${version} is ${known.digest.slice(0, 12)} here, and ${digest.slice(0, 12)} in the file`,
    );
  for (const bytes of [...checked.contents.values(), checked.manifestBytes]) await blobs.put(bytes);
  const said = await trust.publishManifest({ name, version }, checked.manifestBytes);
  const entry = {
    at: new Date(clock.nowMs()).toISOString(),
    actor,
    action: `imported ${version}`,
    reason,
    detail: `${digest}, signed ${checked.signedAt} under root ${rootDigest.slice(0, 12)}`,
  };
  if (known?.filesRemovedAt !== undefined) {
    const { filesRemovedAt, ...model } = known;
    const detail = `${entry.detail}; its files were gone since ${filesRemovedAt}`;
    await models.changeVersions([{ name, version, record: model, entry: { ...entry, detail } }]);
    return { model, said };
  }
  if (known) return { model: known, said: 'known' };
  const model = await judgeVersion({ models, project }, modelOf(checked));
  await models.save(model, entry);
  return { model, said };
}

function modelOf({ release, manifest, manifestBytes }: CheckedRelease): ModelView {
  const { createdAt, labels, dataset, network, parameters, seed, codeRevision, evaluation } = manifest;
  const { trainImagesPerSecond, temperature, exportDifference, parent, calibration, recipe } = manifest;
  const variants = manifest.variants.flatMap(({ golden: _, ...variant }) =>
    isMeasured(variant) ? [variant] : [],
  );
  return {
    ...release,
    ...{
      createdAt,
      labels,
      dataset,
      network,
      parameters,
      seed,
      codeRevision,
      evaluation,
      trainImagesPerSecond,
    },
    ...(manifest.input.standardise === undefined ? {} : { standardise: manifest.input.standardise }),
    releaseBytes: releaseBytes(manifest) + manifestBytes.byteLength,
    ...(variants.length === 0 ? {} : { variants }),
    ...(exportDifference === undefined ? {} : { exportDifference }),
    temperature,
    ...(calibration === undefined ? {} : { calibration }),
    ...(recipe === undefined ? {} : { recipe }),
    ...(parent === undefined ? {} : { parent }),
  };
}

function isMeasured(variant: Partial<VariantFigures>): variant is VariantFigures {
  const { bytes, accuracy, agreement, ece, msPerView } = variant;
  return [bytes, accuracy, agreement, ece, msPerView].every((figure) => figure !== undefined);
}
