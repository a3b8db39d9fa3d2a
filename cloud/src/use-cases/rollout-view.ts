import { type RolloutDetail, type RolloutView, stationOutcomes } from '@pomona/wire';
import type { Member } from '../domain/rollout-state.ts';
import type { RecordedNote, Rollout } from './rollouts.ts';

export function rolloutView({ id, spec, state, query, reason, actor, createdAtMs }: Rollout): RolloutView {
  return {
    id,
    release: spec.release,
    query,
    plan: spec.plan,
    reason,
    actor,
    createdAt: new Date(createdAtMs).toISOString(),
    status: state.status,
    why: state.why,
    now: state.now ?? false,
    wave: state.wave,
    stations: state.members.length,
    outcomes: countOutcomes(state.members),
    waves: state.waves.map((stations, index) => ({
      stations,
      outcomes: countOutcomes(state.members.filter(({ wave }) => wave === index)),
    })),
  };
}

export function rolloutDetail(rollout: Rollout, notes: readonly RecordedNote[]): RolloutDetail {
  return {
    ...rolloutView(rollout),
    members: rollout.state.members.map((member) => ({
      station: member.station,
      wave: member.wave,
      outcome: member.outcome,
      reason: member.reason,
      previous: member.previous && { name: member.previous.name, version: member.previous.version },
      sentAt: instant(member.sentAtMs),
      settledAt: instant(member.settledAtMs),
      restored: member.restored,
    })),
    events: notes.map(({ atMs, ...note }) => ({ at: new Date(atMs).toISOString(), ...note })),
  };
}

function countOutcomes(members: readonly Member[]): RolloutView['outcomes'] {
  return stationOutcomes
    .map((outcome) => ({ outcome, count: members.filter((member) => member.outcome === outcome).length }))
    .filter(({ count }) => count > 0);
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
