import { type RolloutDetail, type RolloutView, type ShadowSummary, stationOutcomes } from '@pomona/wire';
import { hasEnough } from '../domain/rollout-shadow.ts';
import type { Member } from '../domain/rollout-state.ts';
import { addFigures, agreementOf } from '../domain/shadow-figures.ts';
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
    shadow: shadowSummary(spec, state),
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
      shadow: member.shadow
        ? {
            state: member.shadow.state,
            reason: member.shadow.reason,
            agreement: member.shadow.figures && agreementOf(member.shadow.figures),
            figures: member.shadow.figures,
          }
        : null,
    })),
    events: notes.map(({ atMs, ...note }) => ({ at: new Date(atMs).toISOString(), ...note })),
  };
}

function shadowSummary(
  { plan }: Rollout['spec'],
  { shadow: phase, members }: Rollout['state'],
): ShadowSummary | null {
  const { shadow } = plan;
  if (shadow === undefined || phase === undefined) return null;
  const standings = members.flatMap((member) => member.shadow ?? []);
  const all = addFigures(standings.flatMap(({ figures }) => figures ?? []));
  return {
    beganAt: new Date(phase.beganAtMs).toISOString(),
    endedAt: instant(phase.endedAtMs),
    stations: standings.length,
    ready: standings.filter(({ figures }) => hasEnough(shadow, figures)).length,
    fruits: all?.fruits ?? 0,
    agreement: all && agreementOf(all),
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
