import {
  chunkMapOf,
  encodeManifest,
  type Manifest,
  releaseBytes,
  type TrustRepository,
} from '@pomona/release';
import {
  artifactNames,
  type GoldenViews,
  opsetVersion,
  type TrainingSummary,
} from '@pomona/training/protocol';
import {
  type Clock,
  type Evaluation,
  type ModelCalibration,
  type ModelView,
  type Recipe,
  type ReleaseRef,
  standardiseVersion,
} from '@pomona/wire';

/** What training left behind: see `@pomona/training`. */
export interface TrainingArtifacts {
  readonly summary: TrainingSummary;
  readonly golden: GoldenViews;
  /** uint8 [views, size, size, 3]. */
  readonly goldenPixels: Uint8Array;
  /** To go on from; stays here, no device needs it. */
  readonly weights?: Uint8Array;
  /** Its record. */
  readonly trainingRun?: number;
  /** ONNX, of every variant of the summary, by the variant's file name. */
  readonly models: ReadonlyMap<string, Uint8Array>;
}

export interface BuildReleasePorts {
  readonly trust: Pick<TrustRepository, 'publishManifest' | 'newestVersion'>;
  readonly blobs: { put(bytes: Uint8Array): Promise<string> };
  readonly clock: Clock;
}

export interface BuildReleaseRequest {
  readonly name: string;
  /** At least this; higher when a run that was killed has published it and got no further. */
  readonly version: number;
  readonly artifacts: TrainingArtifacts;
  readonly codeRevision: string;
  /** Where the artifacts are of a calibration. */
  readonly calibration?: ModelCalibration | undefined;
  /** The version whose weights it went on from. */
  readonly parent?: { readonly name: string; readonly version: number } | undefined;
  /** What its stations grade by; each keeps its own unless given. */
  readonly recipe?: Recipe | undefined;
}

export interface BuiltRelease {
  readonly release: ReleaseRef;
  readonly manifest: Manifest;
  /** All that a device fetches: the files and the manifest. */
  readonly releaseBytes: number;
  /** For the registry. */
  readonly model: ModelView;
}

/** Other processors round differently in the last places; a wrong model differs in the first. */
const goldenTolerance = 0.001;
/** A step of 8 bits falls to another side where sums round differently; wrong products differ by far more. */
const quantizedTolerance = 0.02;
/** More groups than this are fruits, and one fruit's accuracy says nothing; sessions and lots are fewer. */
const groupsMax = 200;

/**
 * Makes a release of a trained model: keeps its files by their digests, and has its manifest signed. The files are there
 * before anyone can learn of them. Errors: `manifest-invalid`.
 */
export async function buildRelease(
  { trust, blobs, clock }: BuildReleasePorts,
  { artifacts, codeRevision, calibration, parent, recipe, ...request }: BuildReleaseRequest,
): Promise<BuiltRelease> {
  const { name } = request;
  const version = Math.max(request.version, (await trust.newestVersion(name)) + 1);
  const { summary, golden } = artifacts;
  const standardise = summary.standardise === undefined ? {} : { standardise: summary.standardise };
  const contents = [
    ...[...artifacts.models].map(([file, bytes]) => ({ name: file, bytes })),
    { name: artifactNames.goldenPixels, bytes: artifacts.goldenPixels },
  ];
  const manifest: Manifest = {
    v: 1,
    name,
    version,
    createdAt: new Date(clock.nowMs()).toISOString(),
    labels: [...summary.labels],
    input: { size: summary.inputSize, layout: 'nhwc-uint8-rgb', ...standardise },
    runtime: {
      onnx: { opset: opsetVersion },
      ...(summary.standardise === undefined ? {} : { standardise: { opset: standardiseVersion } }),
    },
    variants: summary.variants.map((variant) => ({
      ...variant,
      ...(variant.name === 'int8' ? { golden: quantizedExpectation(golden) } : {}),
    })),
    files: contents.map((content) => ({ name: content.name, ...chunkMapOf(content.bytes) })),
    golden: {
      file: artifactNames.goldenPixels,
      count: golden.views.length,
      expected: golden.views.map((view) => [...view.probabilities]),
      tolerance: goldenTolerance,
    },
    temperature: summary.temperature,
    ...(calibration === undefined ? {} : { calibration }),
    ...(recipe === undefined ? {} : { recipe }),
    dataset: { ...summary.dataset },
    network: summary.network,
    parameters: { ...summary.parameters },
    seed: summary.seed,
    codeRevision,
    evaluation: forDevices(summary.evaluation),
    trainImagesPerSecond: summary.imagesPerSecond,
    // JSON knows no such figure; the registry has it and its gate fails.
    ...(Number.isFinite(summary.exportDifference) ? { exportDifference: summary.exportDifference } : {}),
    ...(parent === undefined ? {} : { parent }),
  };
  const bytes = encodeManifest(manifest);
  for (const content of contents) await blobs.put(content.bytes);
  const digest = await blobs.put(bytes);
  const weightsDigest = artifacts.weights && (await blobs.put(artifacts.weights));
  await trust.publishManifest({ name, version }, bytes);
  const total = releaseBytes(manifest) + bytes.byteLength;
  const { createdAt, labels, dataset, network, parameters, seed, trainImagesPerSecond } = manifest;
  const model: ModelView = {
    ...{ name, version, digest, createdAt, labels, dataset, network, parameters, seed, codeRevision },
    ...standardise,
    releaseBytes: total,
    evaluation: summary.evaluation,
    trainImagesPerSecond,
    variants: [...summary.variants],
    exportDifference: summary.exportDifference,
    temperature: summary.temperature,
    ...(calibration === undefined ? {} : { calibration }),
    ...(recipe === undefined ? {} : { recipe }),
    ...(weightsDigest === undefined ? {} : { weightsDigest }),
    ...(artifacts.trainingRun === undefined ? {} : { trainingRun: artifacts.trainingRun }),
    ...(parent === undefined ? {} : { parent }),
    ...(summary.heldAgainst === undefined ? {} : { heldAgainst: [...summary.heldAgainst] }),
  };
  return { release: { name, version, digest }, manifest, releaseBytes: total, model };
}

function quantizedExpectation({ views }: GoldenViews) {
  return { expected: views.map(({ quantized }) => [...quantized]), tolerance: quantizedTolerance };
}

/** No device looks at the worst cases, at varieties and lots, nor at single fruits. */
function forDevices({ worst: _, byKnown: __, ...evaluation }: Evaluation): Evaluation {
  return evaluation.byGroup.length > groupsMax ? { ...evaluation, byGroup: [] } : evaluation;
}
