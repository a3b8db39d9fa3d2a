import {
  type Acceptance,
  AppError,
  type Clock,
  counted,
  describeStandardise,
  type ImageFigures,
  type LabelSource,
} from '@pomona/wire';
import { datasetError } from '../domain/dataset-errors.ts';
import type { ListedPhotograph } from '../domain/dataset-index.ts';
import { isKeptBack } from '../domain/label-standing.ts';
import { lookOf } from '../domain/near-duplicates.ts';
import type { DatasetStore, Inspection, Photographs } from './dataset-ports.ts';
import type { ImportedDataset } from './import-dataset.ts';
import { importPhotographs, type ProjectDatasets } from './import-photographs.ts';
import type { KeptPhotograph, PhotographStore } from './photograph-ports.ts';
import { acceptanceKey } from './verify-photographs.ts';

export interface FreezePhotographsPorts extends ProjectDatasets {
  readonly store: DatasetStore;
  readonly clock: Clock;
  readonly labelled: Pick<PhotographStore, 'listAt' | 'take'>;
  /** A blob, whole. */
  readBlob(digest: string): Promise<Uint8Array>;
  /** Photographs that were kept; a path is the SHA-256 of one. */
  readonly kept: Pick<Photographs, 'inspect'>;
}

export interface FreezePhotographsRequest {
  readonly name: string;
  readonly labelsAt?: string | undefined;
  /** As they were cut out unless given. */
  readonly size?: number | undefined;
  readonly seed: number;
  readonly by: string;
  readonly source: LabelSource;
  /** By their paths: what was quarantined and has a grade, to be taken all the same. */
  readonly accept?: { readonly paths: readonly string[]; readonly why: string } | undefined;
  readonly signal?: AbortSignal;
}

/**
 * A dataset version of the photographs that people labelled, as an import of a folder that is sorted by these labels would make it: with the same limits, the
 * same search for copies and the same split. What nobody labelled and what two people differ on is left out, and counted.
 * Errors: `photographs-none`, `not-quarantined`, `not-acceptable`, `bad-request` for an instant to come, and as `importPhotographs`.
 */
export async function freezePhotographs(
  ports: FreezePhotographsPorts,
  { name, labelsAt, size, seed, by, source, accept, signal }: FreezePhotographsRequest,
): Promise<ImportedDataset> {
  const nowMs = ports.clock.nowMs();
  const atMs = labelsAt === undefined ? nowMs : Date.parse(labelsAt);
  if (!(atMs <= nowMs))
    throw new AppError('bad-request', `labelsAt ${labelsAt} is no instant until now`, {
      hint: 'Leave it out for the labels that hold now.',
    });
  const all = await ports.labelled.listAt(name, atMs);
  const crops = all.flatMap(({ crop }) => (crop === undefined ? [] : [crop]));
  const last = crops.at(-1);
  if (last === undefined) throw datasetError('photographs-none', `no photographs were imported for ${name}`);
  if (all.every((photograph) => withoutLabel.has(gradeOf(photograph))))
    throw datasetError(
      'dataset-empty',
      `${name} has ${counted(all.length, 'photograph')}, and none is labelled`,
      undefined,
      'Label them on the console’s page Labelling, and freeze again.',
    );
  const imported = await importPhotographs(
    { ...ports, photographs: labelledPhotographs(all, ports) },
    {
      ...{ folder: '', name, labels: gradesOf(crops), inputSize: size ?? last.size, seed, by },
      standardise: last.standardise,
      source: `photographs that were imported for ${name}, by the labels of ${new Date(atMs).toISOString()}`,
      accepted: new Map([
        ...all.flatMap(acceptedByLabel),
        ...(accept?.paths ?? []).map((path) => acceptedByPath(all, path, { why: accept!.why, by, nowMs })),
      ]),
      ...(signal === undefined ? {} : { signal }),
    },
  );
  // One that contradicts another is refused all the same.
  const isIn = new Set(imported.view.accepted?.map(({ path }) => path));
  const taken = all.flatMap(({ path, original, refused, grade }) =>
    refused !== undefined && grade !== undefined && accept?.paths.includes(path) && isIn.has(path)
      ? [{ original, grade }]
      : [],
  );
  await ports.labelled.take(name, taken, { by, source, atMs: nowMs });
  return imported;
}

/** In the order in which they were named. */
function gradesOf(crops: readonly NonNullable<KeptPhotograph['crop']>[]): string[] {
  return [...new Set(crops.flatMap(({ labels }) => labels))];
}

/** Whoever graded what was quarantined has seen it, and took it. */
function acceptedByLabel({ original, refused, crop }: KeptPhotograph): [string, Acceptance][] {
  if (refused === undefined || !crop?.label || isKeptBack(crop.review)) return [];
  const { label: grade, by, at } = crop.label;
  return [[acceptanceKey({ original, grade }), { by, at, why: `graded ${grade} by hand`, reason: refused }]];
}

function acceptedByPath(
  all: readonly KeptPhotograph[],
  path: string,
  { why, by, nowMs }: { readonly why: string; readonly by: string; readonly nowMs: number },
): [string, Acceptance] {
  const photograph = all.find((each) => each.path === path && each.refused !== undefined);
  if (photograph?.refused === undefined)
    throw datasetError('not-quarantined', `${path} is not in quarantine`);
  const { original, refused: reason, crop } = photograph;
  const grade = crop?.label?.label ?? photograph.grade;
  if (grade === undefined)
    throw datasetError('not-acceptable', `nobody said of which grade ${path} is`, undefined, gradeFirst);
  return [acceptanceKey({ original, grade }), { by, at: new Date(nowMs).toISOString(), why, reason }];
}

const gradeFirst = 'Grade it on the page Labelling, under Quarantined: that takes it.';

/** The photographs of a dataset as if they lay in a folder that is sorted by their labels. */
function labelledPhotographs(
  all: readonly KeptPhotograph[],
  { readBlob, kept }: Pick<FreezePhotographsPorts, 'readBlob' | 'kept'>,
): Photographs {
  const byPath = new Map(all.map((photograph) => [photograph.path, photograph]));
  // Two folders may have had different photographs of one name.
  for (const photograph of all)
    if (byPath.get(photograph.path) !== photograph)
      byPath.set(`${photograph.path} (${photograph.original.slice(0, 12)})`, photograph);
  const of = (path: string) => byPath.get(path)!;
  return {
    list: async () => ({
      photographs: [...byPath].map(([path, photograph]) => listedAs(path, photograph)),
      isGrouped: all.some(({ path, group }) => path !== group),
    }),
    digest: async (_, path) => ({ digest: of(path).original }),
    keep: async () => true,
    async *inspect(_, paths, wanted, signal) {
      const { inputSize: size, standardise } = wanted;
      for (const path of paths) {
        signal.throwIfAborted();
        const { original, crop, figures } = of(path);
        const isSo = describeStandardise(crop?.standardise) === describeStandardise(standardise);
        if (crop?.size === size && isSo && figures !== undefined)
          yield inspectionOf(await readBlob(crop.pixels), size, figures);
        else yield* kept.inspect('', [original], wanted, signal);
      }
    },
  };
}

function listedAs(path: string, photograph: KeptPhotograph): ListedPhotograph {
  const { group, about, crop } = photograph;
  return {
    ...{ path, group, grade: gradeOf(photograph) },
    ...(about === undefined ? {} : { about }),
    ...(crop?.label ? { labelled: { by: crop.label.by, at: crop.label.at } } : {}),
  };
}

const withoutLabel: ReadonlySet<string> = new Set(['quarantined', 'unlabelled']);

/** Where no label says it: what nobody graded, and what the folder said of a photograph that was refused. */
function gradeOf({ grade, refused, crop }: KeptPhotograph): string {
  if (crop?.label) return isKeptBack(crop.review) ? 'disputed' : crop.label.label;
  if (refused !== undefined) return grade ?? 'quarantined';
  return 'unlabelled';
}

function inspectionOf(crop: Uint8Array, size: number, figures: ImageFigures): Inspection {
  return { ok: true, crop, figures, look: lookOf(crop, size) };
}
