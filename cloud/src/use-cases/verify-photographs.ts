import { setImmediate as turn } from 'node:timers/promises';
import { digestOf } from '@pomona/release';
import type { Acceptance, ImageFigures, ImageLimits, QuarantinedImage } from '@pomona/wire';
import type { ListedPhotograph } from '../domain/dataset-index.ts';
import { DisjointSets } from '../domain/disjoint-sets.ts';
import { breachOf } from '../domain/image-limits.ts';
import { correlationOf, findTwins, type Look } from '../domain/near-duplicates.ts';
import type { CropWanted, Inspection, ListingWay, Photographs } from './dataset-ports.ts';

export interface VerifyRequest extends CropWanted {
  /** One sub-folder of photographs per grade, or an `index.csv`. */
  readonly folder: string;
  /** Grades to take; others are left out. */
  readonly labels: readonly string[];
  readonly way?: ListingWay;
  readonly limits: Required<ImageLimits>;
  /** What a person took before in spite of a limit, by `acceptanceKey`. */
  readonly accepted?: ReadonlyMap<string, Acceptance>;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly quarantined: number;
}

export interface Candidate extends ListedPhotograph {
  /** SHA-256 of the file. */
  readonly original: string;
}

export interface UsablePhotograph extends Candidate {
  /** Which of the crops that were handed out is its. */
  readonly position: number;
  /** SHA-256 of the crop. */
  readonly digest: string;
  readonly figures: ImageFigures;
  readonly accepted?: Acceptance;
  /** Near duplicates have the same number. */
  readonly look: number;
}

export interface Refused extends QuarantinedImage {
  readonly figures?: ImageFigures;
}

export interface Verified {
  readonly listed: readonly ListedPhotograph[];
  readonly isGrouped: boolean;
  /** Photographs that lie there and that nobody named. */
  readonly unlisted: number;
  /** By path, as `quarantined` is. */
  readonly usable: readonly UsablePhotograph[];
  readonly quarantined: readonly Refused[];
}

/** An acceptance is of a file under a grade: under another one it would have to be given anew. */
export function acceptanceKey({ original, grade }: { original: string; grade: string }): string {
  return `${original} ${grade}`;
}

/**
 * Holds each photograph of a folder against the limits, and all against each other. `onCrop` gets the crop of each that keeps
 * the limits by itself; those that contradict another one afterwards are quarantined all the same.
 * Errors: `dataset-folder-missing`, `dataset-folder-unreadable`, `dataset-index-invalid`; the reason of `signal` when aborted.
 */
export async function verifyPhotographs(
  photographs: Photographs,
  request: VerifyRequest,
  onCrop: (crop: Uint8Array) => Promise<void>,
): Promise<Verified> {
  const { folder, limits, accepted = new Map<string, Acceptance>() } = request;
  const signal = request.signal ?? new AbortController().signal;
  const { photographs: listed, isGrouped, unlisted = 0 } = await photographs.list(folder, request.way);
  const quarantined: Refused[] = [];
  const candidates = await choose(photographs, { ...request, accepted, signal }, listed, quarantined);
  const looks: (Look & { readonly grade: string })[] = [];
  const taken: Omit<UsablePhotograph, 'look'>[] = [];
  const paths = candidates.map(({ path }) => path);
  const wanted = { inputSize: request.inputSize, standardise: request.standardise };
  let done = 0;
  for await (const inspection of photographs.inspect(folder, paths, wanted, signal)) {
    const candidate = candidates[done++]!;
    const refusal = refuse(candidate, inspection, limits);
    const acceptance = accepted.get(acceptanceKey(candidate));
    if (inspection.ok && (refusal === undefined || acceptance !== undefined)) {
      await onCrop(inspection.crop);
      looks.push({ ...inspection.look, grade: candidate.grade });
      taken.push({
        ...withCapture(candidate, inspection.capturedAt),
        ...{ position: taken.length, digest: digestOf(inspection.crop), figures: inspection.figures },
        ...(acceptance === undefined ? {} : { accepted: acceptance }),
      });
    } else {
      quarantined.push(refusal!);
    }
    request.onProgress?.({ done, total: paths.length, quarantined: quarantined.length });
  }
  const usable = await withoutConflicts(taken, looks, { limits, signal }, quarantined);
  return { listed, isGrouped, unlisted, usable, quarantined: quarantined.sort(byPath) };
}

function refuse(
  candidate: Candidate,
  inspection: Inspection,
  limits: Required<ImageLimits>,
): Refused | undefined {
  const said = saidOf(candidate);
  const { original } = candidate;
  // Of what cannot be cut out nobody can make an image: it is not kept either.
  if (!inspection.ok) return { ...said, reason: inspection.reason };
  const breach = breachOf(inspection.figures, limits);
  return breach && { ...said, ...breach, original, figures: inspection.figures };
}

/** What a refusal keeps of what the index or the folder said, for whoever accepts the photograph. */
function saidOf({ path, grade, group, about, labelled }: ListedPhotograph) {
  return {
    ...{ path, grade, group },
    ...(about === undefined ? {} : { about }),
    ...(labelled === undefined ? {} : { labelled }),
  };
}

/** What the index says of the time counts more than the camera's clock. */
function withCapture(candidate: Candidate, capturedAt: string | undefined): Candidate {
  if (capturedAt === undefined || candidate.about?.capturedAt !== undefined) return candidate;
  return { ...candidate, about: { ...candidate.about, capturedAt } };
}

/** Near duplicates under two grades contradict each other: neither can be believed unless somebody accepted it. */
async function withoutConflicts(
  taken: readonly Omit<UsablePhotograph, 'look'>[],
  looks: readonly (Look & { readonly grade: string })[],
  { limits, signal }: Required<Pick<VerifyRequest, 'limits' | 'signal'>>,
  quarantined: Refused[],
): Promise<UsablePhotograph[]> {
  const breathe = async () => {
    await turn();
    signal.throwIfAborted();
  };
  const { links, conflicts } = await findTwins(looks, limits, { breathe });
  const sets = new DisjointSets(taken.length);
  for (const [a, b] of links) sets.join(a, b);
  const rivals = new Map<number, number>();
  for (const [a, b] of conflicts) {
    if (!rivals.has(a)) rivals.set(a, b);
    if (!rivals.has(b)) rivals.set(b, a);
  }
  return taken.flatMap((photograph, at) => {
    const rival = rivals.get(at);
    if (rival === undefined || photograph.accepted !== undefined)
      return [{ ...photograph, look: sets.rootOf(at) }];
    const { original, grade, figures } = photograph;
    const value = correlationOf(looks[at]!, looks[rival]!);
    const other = taken[rival]!;
    quarantined.push({
      ...{ ...saidOf(photograph), original, figures, figure: 'twinCorrelation', value },
      limit: limits.minTwinCorrelation,
      reason: `it is ${grade}, and ${other.path}, which shows all but the same, is ${other.grade}: their detail correlates by ${value.toFixed(2)}`,
    });
    return [];
  });
}

/**
 * The photographs to inspect, sorted by path. The same bytes twice count once; under two grades neither can be
 * believed, unless somebody accepted one.
 */
async function choose(
  photographs: Photographs,
  { folder, labels, accepted, signal }: VerifyRequest & Required<Pick<VerifyRequest, 'accepted' | 'signal'>>,
  listed: readonly ListedPhotograph[],
  quarantined: Refused[],
): Promise<Candidate[]> {
  const byDigest = new Map<string, Candidate[]>();
  for (const photograph of [...listed].sort(byPath)) {
    signal.throwIfAborted();
    if (!labels.includes(photograph.grade)) continue;
    const { path } = photograph;
    const found = await photographs.digest(folder, path);
    if ('reason' in found) {
      quarantined.push({ ...saidOf(photograph), reason: found.reason });
      continue;
    }
    const twins = byDigest.get(found.digest) ?? [];
    twins.push({ ...photograph, original: found.digest });
    byDigest.set(found.digest, twins);
  }
  const chosen: Candidate[] = [];
  for (const twins of byDigest.values()) {
    const believed = twins.filter((twin) => accepted.has(acceptanceKey(twin)));
    const first = believed[0] ?? twins[0]!;
    const isSettled = new Set((believed.length > 0 ? believed : twins).map(({ grade }) => grade)).size === 1;
    if (isSettled) chosen.push(first);
    for (const twin of twins) {
      const { path, original, grade } = twin;
      if (isSettled && path === first.path) continue;
      const other = twins.find((each) => each.grade !== grade);
      const reason = isSettled
        ? `the same photograph as ${first.path}, which counts once`
        : `the same photograph is ${grade} here and ${other!.grade} as ${other!.path}`;
      quarantined.push({ ...saidOf(twin), reason, original });
    }
  }
  return chosen.sort(byPath);
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1;
}
