import { setTimeout as pause } from 'node:timers/promises';
import { AppError, type ModelView, type StationView, systemClock } from '@pomona/wire';
import type { ControlPlane } from '../../control-plane.ts';
import type { Output } from '../output.ts';
import type { DemoStation } from './demo-station.ts';

const pollMs = 500;
const activationTimeoutMs = 120_000;

/** Tells the stations what to run and waits until they do. Errors: `agent-ended`, `release-refused`, `activation-slow`. */
export async function handOver(
  controlPlane: ControlPlane,
  stations: readonly DemoStation[],
  model: ModelView,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set(stations.map((station) => station.address.station));
  const deadline = systemClock.monotonicMs() + activationTimeoutMs;
  const desired = new Set<string>();
  const told = new Map<string, string>();
  for (;;) {
    signal.throwIfAborted();
    for (const station of stations) station.checkAlive();
    const views = (await controlPlane.overview()).stations.filter((view) => names.has(view.station));
    for (const view of views) {
      if (view.enrolledAt !== null && !desired.has(view.station)) {
        await controlPlane.setDesired(view.station, {
          release: { name: model.name, version: model.version },
        });
        desired.add(view.station);
      }
      const state = describeUpdate(view, model);
      if (told.get(view.station) !== state) output.say(`  ${view.station}: ${state}`);
      told.set(view.station, state);
      if (view.reported?.update.state === 'failed' && isOf(view.reported.update.release, model)) {
        throw new AppError('release-refused', `${view.station}: ${view.reported.update.reason}`, {
          hint: 'The agent’s log has more.',
        });
      }
    }
    if (views.length === names.size && views.every((view) => runs(view, model))) return;
    if (systemClock.monotonicMs() > deadline) {
      throw new AppError('activation-slow', 'the agents did not take the release in time', {
        hint: `See their logs: ${stations.map((station) => station.logFile).join(', ')}`,
      });
    }
    await pause(pollMs);
  }
}

function describeUpdate(view: StationView, model: ModelView): string {
  if (runs(view, model)) return `runs ${model.name}@${model.version}`;
  if (view.enrolledAt === null) return 'waits to be enrolled';
  const update = view.reported?.update;
  if (update === undefined) return 'enrolled';
  return update.state;
}

function runs(view: StationView, model: ModelView): boolean {
  return view.status?.state === 'online' && isOf(view.reported?.running?.release, model);
}

function isOf(release: { readonly digest: string } | null | undefined, model: ModelView): boolean {
  return release?.digest === model.digest;
}
