/** The camera program: `node dist/camera-main.js --help`. Frames go to standard output, everything else to standard error. */
import { createWriteStream, existsSync } from 'node:fs';
import { defaultLineGeometry } from '@pomona/grading';
import { isAppError, systemClock, systemErrorCode } from '@pomona/wire';
import { film, type Scene } from './camera.ts';
import { type CameraArguments, cameraUsage, readCameraArguments } from './camera-arguments.ts';
import { Line } from './line.ts';
import { readPhotographedFruitAside } from './photographed-aside.ts';
import type { PhotographedFruit } from './photographed-fruit.ts';
import { truthLine } from './truth-line.ts';

await main();

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stderr.write(`${cameraUsage}\n`);
    return;
  }
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  // The reader is gone: that ends the film, and is no failure.
  process.stdout.on('error', (error) => {
    if (systemErrorCode(error) !== 'EPIPE') fail(error);
    stop.abort();
  });
  try {
    const args = readCameraArguments(process.argv.slice(2));
    const scene = openScene(args);
    await film(scene, { framesPerS: args.framesPerS, clock: systemClock, out: process.stdout }, stop.signal);
    // What is still in the pipe belongs to a frame that nobody will complete.
    process.exit();
  } catch (error) {
    end(error);
  }
}

function openScene(args: CameraArguments): Scene {
  const truth = args.truthFile === undefined ? undefined : createWriteStream(args.truthFile, { flags: 'w' });
  truth?.on('error', end);
  const line = new Line({
    seed: args.seed,
    geometry: lineGeometryFor(args.lanes),
    fruitsPerS: args.fruitsPerS,
    ...(args.fruitsMax === undefined ? {} : { fruitsMax: args.fruitsMax }),
    ...(args.scenario === undefined ? {} : { scenario: args.scenario }),
    scenarioFromS: args.scenarioFromS,
    touchingShare: args.touchingShare,
    backwardShare: args.backwardShare,
    strangers: args.strangers,
    ...(args.replayFolder === undefined ? {} : { photographed: 'awaited' }),
  });
  // The empty belt is filmed meanwhile, or the camera would seem dead.
  let brought: readonly PhotographedFruit[] | undefined;
  if (args.replayFolder !== undefined)
    readReplay(args.replayFolder).then((fruits) => {
      brought = fruits;
    }, end);
  return {
    width: line.geometry.frameWidthPx,
    height: line.geometry.frameHeightPx,
    beltMmPerS: line.beltMmPerS,
    advance: (encoderMm) => {
      if (args.scenarioFile !== undefined && existsSync(args.scenarioFile)) line.beginScenario(encoderMm);
      if (brought !== undefined) line.bring(brought, encoderMm);
      brought = undefined;
      for (const left of line.advance(encoderMm)) truth?.write(`${JSON.stringify(truthLine(left))}\n`);
    },
    draw: (data, encoderMm, seq) => line.draw(data, encoderMm, seq),
  };
}

function readReplay(folder: string): Promise<readonly PhotographedFruit[]> {
  return readPhotographedFruitAside(folder, (path, reason) =>
    process.stderr.write(`camera: left out ${path}: ${reason}\n`),
  );
}

/** The default line with another number of lanes of the same width. */
function lineGeometryFor(lanes: number) {
  const { frameHeightPx, lanes: usual } = defaultLineGeometry;
  return { ...defaultLineGeometry, lanes, frameHeightPx: (frameHeightPx / usual) * lanes };
}

function fail(error: unknown): void {
  process.exitCode = isAppError(error, 'usage') ? 2 : 1;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`camera: ${text}\n${isAppError(error) ? `${error.hint}\n` : ''}`);
}

function end(error: unknown): never {
  fail(error);
  process.exit();
}
