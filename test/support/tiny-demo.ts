import { join } from 'node:path';
import { type Finished, runCli } from './cli.ts';

/** Arguments of a demo that is over soon: few fruits, hardly trained. */
export const tinyDemo = ['--training-fruits', '60', '--epochs', '1', '--seed', '7'] as const;

/** Leaves a data folder with a trained model and one enrolled station that runs it. */
export async function makeTinyFarm(dataFolder: string): Promise<Finished> {
  const args = ['--data', dataFolder, '--agents', '1', '--fruits', '15', '--json'];
  const finished = await runCli(['demo', ...tinyDemo, ...args]);
  if (finished.code !== 0) throw new Error(`the demo failed:\n${finished.stderr}`);
  return finished;
}

export function stationFiles(dataFolder: string, station: string) {
  const folder = join(dataFolder, 'stations', station);
  return { config: join(folder, 'station.json'), gateLog: join(folder, 'gate.jsonl') };
}
