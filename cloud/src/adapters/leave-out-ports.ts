import type { Clock, StationView } from '@pomona/wire';
import type { LeaveOutPorts } from '../use-cases/leave-out.ts';
import { BlobFolder } from './blob-folder.ts';
import { readCodeRevision } from './code-revision.ts';

interface Stores extends Pick<LeaveOutPorts, 'trainingRuns'> {
  readonly stations: { list(): Promise<readonly Pick<StationView, 'station' | 'site' | 'line'>[]> };
}

/** Of a data folder, with the stations as they stand now. */
export async function leaveOutPorts(
  dataFolder: string,
  { stations, trainingRuns }: Stores,
  trainer: LeaveOutPorts['trainer'],
  clock: Clock,
): Promise<LeaveOutPorts> {
  const lines = (await stations.list()).map(
    ({ station, site, line }) => [station, `${site}/${line}`] as const,
  );
  return {
    ...{ trainer, trainingRuns, clock, blobs: new BlobFolder(dataFolder), lines: new Map(lines) },
    codeRevision: readCodeRevision,
  };
}
