import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@pomona/wire';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../control-plane.ts';
import { RecordingLogger } from './recording-logger.ts';

export interface TestControlPlane {
  readonly folder: string;
  readonly logger: RecordingLogger;
  readonly plane: ControlPlane;
  /** Stops it and deletes its folder. */
  remove(): Promise<void>;
}

/** A real control plane on free ports and a folder of its own. */
export async function startTestControlPlane(
  options: Partial<ControlPlaneOptions> = {},
): Promise<TestControlPlane> {
  const folder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'pomona-plane-'));
  const logger = new RecordingLogger();
  const plane = await startControlPlane({
    dataFolder: folder,
    httpPort: 0,
    devicePort: 0,
    mqttPort: 0,
    clock: systemClock,
    logger,
    ...options,
  });
  return {
    folder,
    logger,
    plane,
    async remove() {
      await plane.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tries until it neither throws nor is false. What a test waits for happens in another process or turn. */
export async function eventually(check: () => Promise<boolean> | boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (await check()) return;
    if (performance.now() > deadline) throw new Error(`did not happen within ${withinMs} ms: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
