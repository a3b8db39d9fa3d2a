/**
 * The image-classification pipeline of `@huggingface/transformers` on crops: `node dist/cli/bench-transformers-main.js '<TransformersTurn as JSON>'`, one
 * PeerRate on stdout. Its own session loads the very same file, on one thread as ours; its own processor makes the pixels, a frame's crops
 * together. The file takes bytes [n, S, S, 3] as `images` and gives `probabilities`, where the pipeline has floats [n, 3, S, S] as
 * `pixel_values` and wants `logits`: that alone is translated here, and takes little.
 */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@pomona/wire';
import type { PeerRate } from './bench-grade.ts';
import type { TransformersTurn } from './transformers-peer.ts';

/** What is used of the package, which is not there when this is compiled. */
interface Transformers {
  readonly env: { version: string; allowRemoteModels: boolean; localModelPath: string };
  readonly RawImage: new (data: Uint8Array, width: number, height: number, channels: number) => object;
  readonly Tensor: new (type: string, data: ArrayLike<number>, dims: readonly number[]) => Pixels;
  readonly AutoProcessor: { from_pretrained(name: string): Promise<unknown> };
  readonly AutoModel: {
    from_pretrained(name: string, options: object): Promise<Model>;
  };
  readonly ImageClassificationPipeline: new (
    parts: object,
  ) => (
    images: readonly object[],
  ) => Promise<readonly (readonly { readonly label: string; readonly score: number }[])[]>;
}
interface Pixels {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}
interface Model {
  readonly config: { id2label: Record<string, string> };
  (inputs: object): Promise<{ readonly probabilities: Pixels }>;
}

const rounds = 5;
const modelName = 'bench';
const given = JSON.parse(process.argv[2] ?? '{}') as TransformersTurn;
const { inputSize: size, labels } = given;
const library = createRequire(given.entry)(given.entry) as Transformers;
const folder = await mkdtemp(join(tmpdir(), 'pomona-peer-'));
try {
  process.stdout.write(JSON.stringify(await measure()));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<PeerRate> {
  const classify = await openPipeline();
  const frames = await imagesOfFrames();
  const views = frames.reduce((sum, images) => sum + images.length, 0);
  const rates: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const fromMs = systemClock.monotonicMs();
    for (const images of frames) await classify(images);
    // The first round warms up.
    if (round > 0) rates.push((views * 1000) / (systemClock.monotonicMs() - fromMs));
  }
  const median = rates.sort((a, b) => a - b)[Math.floor(rounds / 2)]!;
  return { name: `@huggingface/transformers ${library.env.version}, one thread`, viewsPerS: median };
}

async function openPipeline() {
  const at = join(folder, modelName);
  await mkdir(join(at, 'onnx'), { recursive: true });
  await symlink(given.modelFile, join(at, 'onnx', 'model.onnx'));
  const id2label = Object.fromEntries(labels.map((label, i) => [i, label]));
  await writeFile(join(at, 'config.json'), JSON.stringify({ model_type: 'resnet', id2label }));
  const processor = {
    image_processor_type: 'ViTFeatureExtractor',
    do_resize: true,
    size: { width: size, height: size },
  };
  const untouched = { do_rescale: false, do_normalize: false };
  await writeFile(join(at, 'preprocessor_config.json'), JSON.stringify({ ...processor, ...untouched }));
  Object.assign(library.env, { allowRemoteModels: false, localModelPath: folder });
  const own = await library.AutoModel.from_pretrained(modelName, {
    ...{ dtype: 'fp32', device: 'cpu' },
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
  const model = async ({ pixel_values }: { readonly pixel_values: Pixels }) => {
    const { probabilities } = await own({ images: bytesOf(pixel_values) });
    const logits = new library.Tensor('float32', probabilities.data.map(Math.log), probabilities.dims);
    return { logits };
  };
  const parts = {
    task: 'image-classification',
    processor: await library.AutoProcessor.from_pretrained(modelName),
  };
  return new library.ImageClassificationPipeline({
    ...parts,
    model: Object.assign(model, { config: own.config }),
  });
}

function bytesOf({ data, dims: [count = 0] }: Pixels): Pixels {
  const plane = size * size;
  const bytes = new Uint8Array(data.length);
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < 3; c++) {
      const from = (n * 3 + c) * plane;
      for (let i = 0, to = n * plane * 3 + c; i < plane; i++, to += 3) bytes[to] = data[from + i]!;
    }
  }
  return new library.Tensor('uint8', bytes, [count, size, size, 3]);
}

async function imagesOfFrames(): Promise<object[][]> {
  const crops = await readFile(given.cropsFile);
  const bytes = size * size * 3;
  let next = 0;
  const image = () => {
    const from = bytes * next++;
    return new library.RawImage(new Uint8Array(crops.subarray(from, from + bytes)), size, size, 3);
  };
  return given.batchViews.filter((count) => count > 0).map((count) => Array.from({ length: count }, image));
}
