import { Compile, type Static, Type } from '@pomona/schema';
import {
  type AppError,
  Digest,
  describeErrors,
  Evaluation,
  Instant,
  ModelCalibration,
  Recipe,
  Slug,
  Standardise,
  VariantFigures,
} from '@pomona/wire';
import { ChunkMap, chunkCount } from './chunk-map.ts';
import { canonicalJson } from './digest.ts';
import { releaseError } from './release-errors.ts';

/** No separator, no leading dot: joined to any folder, such a name stays inside it. */
const FileName = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,79}$' });
const Share = Type.Number({ minimum: 0, maximum: 1 });

export const ReleaseFile = Type.Object({ name: FileName, ...ChunkMap.properties });
export type ReleaseFile = Static<typeof ReleaseFile>;

/** Probabilities of the golden views, and how far from each of them is still right. */
const expectation = {
  expected: Type.Array(Type.Array(Share, { maxItems: 16 }), { maxItems: 256 }),
  tolerance: Type.Number({ exclusiveMinimum: 0, maximum: 0.5 }),
};

/**
 * What a release is made of. Its canonical JSON is the file that is signed, and the SHA-256 of that file is the
 * digest of the release; every other file hangs on it by its own digest.
 */
export const Manifest = Type.Object({
  v: Type.Literal(1),
  name: Slug,
  version: Type.Integer({ minimum: 1 }),
  createdAt: Instant,
  labels: Type.Array(Slug, { minItems: 2, maxItems: 16 }),
  /** uint8 [n, size, size, 3], RGB, background 0; the graph normalises. */
  input: Type.Object({
    size: Type.Integer({ minimum: 8, maximum: 512 }),
    layout: Type.Literal('nhwc-uint8-rgb'),
    /** What is done to the colours of a crop; nothing unless it is there. */
    standardise: Type.Optional(Standardise),
  }),
  /** What a board must have to run it, by the runtime's name, or by `standardise`; not there in releases of before. */
  runtime: Type.Optional(Type.Record(Slug, Type.Object({ opset: Type.Integer({ minimum: 1 }) }))),
  variants: Type.Array(
    Type.Object({
      ...{ name: Slug, file: FileName },
      /** Figures and expectations are not there in releases of before. */
      ...Type.Partial(Type.Omit(VariantFigures, ['name', 'file'])).properties,
      /** Where it gives other numbers than `golden` says: integers round elsewhere. */
      golden: Type.Optional(Type.Object(expectation)),
    }),
    { minItems: 1, maxItems: 8 },
  ),
  files: Type.Array(ReleaseFile, { minItems: 1, maxItems: 32 }),
  /** Views with the probabilities that a variant without expectations of its own must give. */
  golden: Type.Object({
    file: FileName,
    count: Type.Integer({ minimum: 1, maximum: 256 }),
    ...expectation,
  }),
  temperature: Type.Number({ exclusiveMinimum: 0 }),
  /** Already in the graphs; said here for whoever asks why the same network grades otherwise than before. */
  calibration: Type.Optional(ModelCalibration),
  /** What its stations grade by; not there where each keeps the recipe that it has. */
  recipe: Type.Optional(Recipe),
  dataset: Type.Object({ name: Slug, digest: Digest }),
  network: Type.String({ maxLength: 80 }),
  parameters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  seed: Type.Integer(),
  codeRevision: Type.String({ maxLength: 80 }),
  evaluation: Evaluation,
  trainImagesPerSecond: Type.Number({ minimum: 0 }),
  /** As in the registry; not there in releases of before. Signed, so that another registry can take them over. */
  exportDifference: Type.Optional(Type.Number({ minimum: 0 })),
  parent: Type.Optional(Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) })),
});
export type Manifest = Static<typeof Manifest>;

export interface ManifestLimits {
  readonly manifestBytesMax: number;
  /** All files together. */
  readonly releaseBytesMax: number;
}
export const manifestLimits: ManifestLimits = {
  manifestBytesMax: 1_048_576,
  releaseBytesMax: 268_435_456,
};

const validator = Compile(Manifest);

/** Throws `manifest-oversized`, `manifest-invalid` or `release-oversized`. */
export function parseManifest(bytes: Uint8Array, limits: ManifestLimits = manifestLimits): Manifest {
  if (bytes.byteLength > limits.manifestBytesMax) {
    throw releaseError(
      'manifest-oversized',
      `the manifest has ${bytes.byteLength} bytes, at most ${limits.manifestBytesMax} are allowed`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw invalid('it is not JSON', error);
  }
  if (!validator.Check(value)) throw invalid(describeErrors(validator.Errors(value)));
  const fault = inconsistency(value);
  if (fault !== undefined) throw invalid(fault);
  const total = releaseBytes(value);
  if (total > limits.releaseBytesMax) {
    throw releaseError(
      'release-oversized',
      `the release has ${total} bytes, at most ${limits.releaseBytesMax} are allowed`,
    );
  }
  return value;
}

/** The bytes that are signed. Throws `manifest-invalid` for a manifest that no reader would accept. */
export function encodeManifest(manifest: Manifest): Buffer {
  const bytes = Buffer.from(canonicalJson(manifest));
  parseManifest(bytes, { ...manifestLimits, releaseBytesMax: Number.MAX_SAFE_INTEGER });
  return bytes;
}

/** All files together, without the manifest. */
export function releaseBytes(manifest: Pick<Manifest, 'files'>): number {
  return manifest.files.reduce((sum, file) => sum + file.bytes, 0);
}

export function fileOf(manifest: Manifest, name: string): ReleaseFile {
  const file = manifest.files.find((each) => each.name === name);
  if (!file) throw invalid(`it has no file ${name}`);
  return file;
}

/** What a schema cannot say: the parts of a manifest must agree with each other. */
function inconsistency(manifest: Manifest): string | undefined {
  const names = new Set(manifest.files.map((file) => file.name));
  if (names.size !== manifest.files.length) return 'two files have the same name';
  if (names.has('manifest.json')) return 'no file may be called manifest.json';
  if (new Set(manifest.labels).size !== manifest.labels.length) return 'two labels are the same';
  if (new Set(manifest.variants.map((variant) => variant.name)).size !== manifest.variants.length)
    return 'two variants have the same name';
  for (const file of manifest.files) {
    if (file.chunks.length !== chunkCount(file)) {
      return `${file.name} has ${file.chunks.length} chunks, ${file.bytes} bytes make ${chunkCount(file)}`;
    }
    if (file.sums !== undefined && file.sums.length !== file.chunks.length)
      return `${file.name} has ${file.sums.length} sums for ${file.chunks.length} chunks`;
  }
  // Agents that know nothing of it ignore `input.standardise`, and refuse a runtime that they do not know.
  if (manifest.input.standardise !== undefined && manifest.runtime?.standardise === undefined)
    return 'its crops are standardised, and it does not ask a board for that';
  const missing = manifest.variants.find((variant) => !names.has(variant.file));
  if (missing) return `variant ${missing.name} names the file ${missing.file}, which is not listed`;
  return goldenInconsistency(manifest);
}

function goldenInconsistency({ golden, variants, files, input, labels }: Manifest): string | undefined {
  const file = files.find((each) => each.name === golden.file);
  if (!file) return `the golden views' file ${golden.file} is not listed`;
  const bytes = golden.count * input.size * input.size * 3;
  if (file.bytes !== bytes)
    return `${golden.file} has ${file.bytes} bytes, ${golden.count} views take ${bytes}`;
  for (const { expected } of [golden, ...variants.flatMap((variant) => variant.golden ?? [])]) {
    if (expected.length !== golden.count)
      return `${golden.count} golden views have ${expected.length} expectations`;
    if (expected.some((row) => row.length !== labels.length))
      return `an expectation does not have ${labels.length} probabilities`;
  }
  return undefined;
}

function invalid(detail: string, cause?: unknown): AppError {
  return releaseError('manifest-invalid', `the manifest cannot be used: ${detail}`, { cause });
}
