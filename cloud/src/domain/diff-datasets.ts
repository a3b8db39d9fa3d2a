/** What became of the images between two dataset versions, by their crops: a path may change, and a photograph may be cut out anew. */
import type { DatasetDiff } from '@pomona/wire';
import type { DatasetFile, DatasetImage } from './dataset.ts';

export function diffDatasets(before: DatasetFile, after: DatasetFile): DatasetDiff {
  const old = byDigest(before.images);
  const fresh = byDigest(after.images);
  const added = after.images.filter(({ digest }) => !old.has(digest));
  const removed = before.images.filter(({ digest }) => !fresh.has(digest));
  const kept = after.images.flatMap((image) => {
    const was = old.get(image.digest);
    return was === undefined ? [] : [{ was, image }];
  });
  const changed = <K extends 'grade' | 'split' | 'group'>(key: K) =>
    kept
      .filter(({ was, image }) => was[key] !== image[key])
      .map(({ was, image }) => ({ ...nameOf(image), from: was[key], to: image[key] }));
  return {
    from: { name: before.name, digest: before.digest },
    to: { name: after.name, digest: after.digest },
    images: { from: before.images.length, to: after.images.length },
    added: added.map(nameOf),
    removed: removed.map(nameOf),
    regraded: changed('grade'),
    moved: changed('split'),
    regrouped: changed('group'),
    labels: { from: before.labels, to: after.labels },
    inputSize: { from: before.inputSize, to: after.inputSize },
    standardise: { from: before.standardise ?? null, to: after.standardise ?? null },
    quarantined: { from: before.quarantined.length, to: after.quarantined.length },
  };
}

/** The same crop twice in a version counts once here. */
function byDigest(images: readonly DatasetImage[]): Map<string, DatasetImage> {
  return new Map(images.map((image) => [image.digest, image]));
}

function nameOf({ source: path, digest, grade, split }: DatasetImage) {
  return { path, digest, grade, split };
}
