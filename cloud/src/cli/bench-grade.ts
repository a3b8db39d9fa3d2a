import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defaultLineGeometry, encodeFrameHeader } from '@pomona/grading';
import { Line } from '@pomona/orchard';
import type { BenchResult } from '@pomona/training';
import type { BenchModel } from './bench-model.ts';

/** The agent measures itself: its code is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-grade-main.js', import.meta.url));
const frameCount = 150;
const framesPerS = 12;
const fruitsPerS = 9;

/** The agent's grading of a drawn film, beside the bare model on the same crops. */
export async function benchGrade({ manifest, files }: BenchModel, signal: AbortSignal): Promise<BenchResult> {
  const { labels, input } = manifest;
  const framesFile = join(tmpdir(), `pomona-film-${process.pid}.bin`);
  try {
    await writeFilm(framesFile);
    const results: BenchResult[] = [];
    for (const [variant, modelFile] of files) {
      const request = { labels, inputSize: input.size, variant, modelFile, framesFile };
      const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(request)], {
        signal,
      });
      results.push(JSON.parse(stdout) as BenchResult);
    }
    return { ...results[0]!, rows: results.flatMap(({ rows }) => rows) };
  } finally {
    await rm(framesFile, { force: true });
  }
}

async function writeFilm(file: string): Promise<void> {
  const line = new Line({ seed: 1, geometry: defaultLineGeometry, fruitsPerS });
  const { frameWidthPx: width, frameHeightPx: height } = defaultLineGeometry;
  const data = new Uint8Array(width * height * 3);
  const out = await open(file, 'w');
  try {
    for (let seq = 0; seq < frameCount; seq++) {
      const encoderMm = (seq / framesPerS) * line.beltMmPerS;
      line.advance(encoderMm);
      line.draw(data, encoderMm, seq);
      const capturedAtMs = (seq * 1000) / framesPerS;
      await out.writeFile(encodeFrameHeader({ width, height, data, seq, capturedAtMs, encoderMm }));
      await out.writeFile(data);
    }
  } finally {
    await out.close();
  }
}
