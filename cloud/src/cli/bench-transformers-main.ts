/**
 * The image-classification pipeline of `@huggingface/transformers` on pictures: `node dist/cli/bench-transformers-main.js '<TransformersRequest as JSON>'`. For
 * each line on standard input it looks at all of them once, a frame's together, and answers with views per second. Its own session loads the very
 * same file, on one thread as ours; its own processor makes the pixels. The file takes bytes [n, S, S, 3] as `images` and gives
 * `probabilities`, where the pipeline has floats [n, 3, S, S] as `pixel_values` and wants `logits`: that alone is translated here, and its time
 * does not count.
 */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeFolder } from '@pomona/release';
import { systemClock } from '@pomona/wire';
import type { TransformersRequest } from './transformers-peer.ts';

/** What is used of the package, which is not there when this is compiled. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
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

const modelName = 'bench';
const given = JSON.parse(process.argv[2] ?? '{}') as TransformersRequest;
const { inputSize: size, labels } = given;
const library = createRequire(given.entry)(given.entry) as Transformers;
const folder = await mkdtemp(join(tmpdir(), 'pomona-peer-'));
let translatedMs = 0;
try {
  const classify = await openPipeline();
  const frames = await picturesOfFrames();
  for await (const _ of createInterface({ input: process.stdin }))
    process.stdout.write(`${await measure(classify, frames)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(
  classify: Awaited<ReturnType<typeof openPipeline>>,
  frames: readonly (readonly object[])[],
): Promise<number> {
  translatedMs = 0;
  let views = 0;
  const fromMs = systemClock.monotonicMs();
  for (const pictures of frames) views += (await classify(pictures)).length;
  return (views * 1000) / (systemClock.monotonicMs() - fromMs - translatedMs);
}

async function openPipeline() {
  const at = join(folder, modelName);
  await makeFolder(join(at, 'onnx'));
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
    const fromMs = systemClock.monotonicMs();
    const images = bytesOf(pixel_values);
    translatedMs += systemClock.monotonicMs() - fromMs;
    const { probabilities } = await own({ images });
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

async function picturesOfFrames(): Promise<object[][]> {
  const all = await readFile(given.pictures.file);
  let from = 0;
  const picture = (side: number) => {
    const pixels = new Uint8Array(all.subarray(from, from + side ** 2 * 3));
    from += pixels.length;
    return new library.RawImage(pixels, side, side, 3);
  };
  return given.pictures.sides.filter((sides) => sides.length > 0).map((sides) => sides.map(picture));
}
