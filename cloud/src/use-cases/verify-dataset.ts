import type { Acceptance, DatasetView, ProjectView, VerifiedImage } from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import { imageLimitsOf } from '../domain/image-limits.ts';
import type { Photographs } from './dataset-ports.ts';
import { countLeftOut } from './import-dataset.ts';
import { acceptancesIn } from './import-photographs.ts';
import {
  type Candidate,
  type Verified,
  type VerifyRequest,
  verifyPhotographs,
} from './verify-photographs.ts';

export interface VerifyPorts {
  readonly photographs: Photographs;
  readonly project: { read(): Promise<ProjectView> };
}

/** Of no consequence: figures are taken of a size of their own, and the crops are not kept. */
const inputSize = 32;

export interface VerifiedFolder {
  readonly images: VerifiedImage[];
  /** Of grades that nobody asked for. */
  readonly leftOut: DatasetView['leftOut'];
  /** Photographs that lie there and that nobody named. */
  readonly unlisted: number;
}

/** What an import would take and refuse by the limits of the project, without keeping anything. Errors: as `verifyPhotographs`. */
export async function verifyDataset(
  { photographs, project }: VerifyPorts,
  request: Omit<VerifyRequest, 'limits' | 'inputSize'>,
): Promise<VerifiedFolder> {
  const limits = imageLimitsOf((await project.read()).targets);
  const found = await verifyPhotographs(photographs, { ...request, limits, inputSize }, async () => {});
  const leftOut = [...countLeftOut(found.listed, request.labels)].sort();
  return {
    ...{ images: viewsOf(found), unlisted: found.unlisted },
    leftOut: leftOut.map(([grade, count]) => ({ grade, count })),
  };
}

export interface PhotographsOfVersion {
  readonly kept: readonly Candidate[];
  readonly accepted: ReadonlyMap<string, Acceptance>;
}

/** The photographs of a version that were kept, in quarantine or not, and what was accepted into that version. */
export function photographsOf(file: Pick<DatasetFile, 'images' | 'quarantined'>): PhotographsOfVersion {
  const listed = [...file.images.map((image) => ({ ...image, path: image.source })), ...file.quarantined];
  const kept = listed.flatMap(({ path, original, grade, group }) =>
    original && grade && group ? [{ path, original, grade, group }] : [],
  );
  return { kept, accepted: acceptancesIn(file) };
}

function viewsOf({ usable, quarantined }: Verified): VerifiedImage[] {
  const firstOf = new Map<number, string>();
  const taken = usable.map(({ path, original, grade, group, figures, accepted, look }): VerifiedImage => {
    const twinOf = firstOf.get(look);
    if (twinOf === undefined) firstOf.set(look, path);
    return {
      ...{ path, original, grade, group, figures, verdict: accepted === undefined ? 'usable' : 'accepted' },
      ...(accepted === undefined ? {} : { reason: accepted.reason }),
      ...(twinOf === undefined ? {} : { twinOf }),
    };
  });
  const refused = quarantined.map((each): VerifiedImage => ({ ...each, verdict: 'quarantined' }));
  return [...taken, ...refused].sort((a, b) => (a.path < b.path ? -1 : 1));
}
