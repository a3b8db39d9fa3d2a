/**
 * Retrainings that a rule proposes and a person decides about, each model by itself: what is proposed, declined or under way for one keeps no other
 * waiting. Everything that the rule looks at is stored, so that it
 * does not matter whether the alert or the labels come first, or whether the control plane was restarted in between.
 *
 *     proposed ─► approved ─► done
 *        │  ▲         └─ its job failed ─► proposed
 *        │  └───────────────────────────────┘
 *        └─► declined
 */
import {
  type AlertView,
  AppError,
  type Clock,
  isAppError,
  type JobView,
  type RetrainProposal,
  type RetrainRequest,
} from '@pomona/wire';
import { defaultTargets } from '../domain/project-targets.ts';
import { alertToAnswer, whyRetrain } from '../domain/retrain-rule.ts';
import type { Alerts } from './alerts.ts';
import type { TrainAndRegisterPorts } from './train-and-register.ts';

/** Who approves where the project lets the rule do it. */
const ruleName = 'rule';

export type NewProposal = Pick<RetrainProposal, 'why' | 'alert' | 'model'>;
export type ProposalChange = Partial<Pick<RetrainProposal, 'actor' | 'reason' | 'job'>> &
  Pick<RetrainProposal, 'state'>;

export interface RetrainProposalPorts {
  readonly store: {
    add(proposal: NewProposal, nowMs: number): Promise<RetrainProposal>;
    /** Approved and declined are decisions, and stamp `decidedAt`. */
    change(id: number, change: ProposalChange, nowMs: number): Promise<RetrainProposal>;
    find(id: number): Promise<RetrainProposal | undefined>;
    list(): Promise<RetrainProposal[]>;
    newestOf(model: string): Promise<RetrainProposal | undefined>;
    /** Models of which one is proposed or approved. */
    openModels(): Promise<string[]>;
  };
  readonly jobs: {
    find(id: number): Promise<JobView | undefined>;
    /** The newest of the model that neither failed nor was cancelled. */
    newestRetraining(model: string): Promise<JobView | undefined>;
  };
  readonly samples: {
    /** Fruits that the model graded, and whose label is newer. */
    countLabelledSince(model: string, sinceMs: number): Promise<number>;
  };
  readonly alerts: Pick<Alerts, 'list' | 'raiseAlert' | 'closeAlert'>;
  readonly project: TrainAndRegisterPorts['project'];
  /** The names of the models that the stations run; the usual one where that is not known. */
  modelsOf(stations: ReadonlySet<string | null>): Promise<ReadonlyMap<string | null, string>>;
  enqueue(request: RetrainRequest, actor: string): Promise<JobView>;
  readonly clock: Clock;
}

export class RetrainProposals {
  readonly #ports: RetrainProposalPorts;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(ports: RetrainProposalPorts) {
    this.#ports = ports;
  }

  /** Newest first. */
  list(): Promise<RetrainProposal[]> {
    return this.#ports.store.list();
  }

  /** Takes note of what became of the retraining that is proposed or under way; proposes one where none is. */
  look(): Promise<void> {
    return this.#inTurn(async () => {
      const { store, alerts } = this.#ports;
      const drifts = await this.#driftsByModel();
      const models = new Set([...(await store.openModels()), ...drifts.keys()]);
      const undecided: RetrainProposal[] = [];
      for (const model of [...models].sort()) {
        const proposal = await this.#lookAt(model, drifts.get(model) ?? []);
        if (proposal?.state === 'proposed') undecided.push(proposal);
      }
      // One alert at a time says where to look: that page shows all that are proposed.
      const [oldest] = undecided.sort((a, b) => a.id - b.id);
      const raised = (await alerts.list()).find(
        ({ kind, closedAt }) => kind === 'retrain-proposed' && closedAt === null,
      );
      if (raised !== undefined && !undecided.some(({ id }) => id === raised.evidence.proposal))
        await alerts.closeAlert('retrain-proposed', null);
      if (oldest !== undefined) await this.#raise(oldest);
    });
  }

  /** Begins the retraining, and with it a rollout to the stations that run the old version. Errors: `proposal-unknown`, `proposal-decided`, those of `enqueue`. */
  approve(id: number, actor: string): Promise<RetrainProposal> {
    return this.#inTurn(async () => this.#begin(await this.#undecided(id), actor));
  }

  /** The next alert may propose another. Errors: `proposal-unknown`, `proposal-decided`. */
  decline(id: number, actor: string, reason: string): Promise<RetrainProposal> {
    return this.#inTurn(async () => {
      await this.#undecided(id);
      return this.#decide(id, { state: 'declined', actor, reason });
    });
  }

  async #lookAt(model: string, drifts: readonly AlertView[]): Promise<RetrainProposal | undefined> {
    const { store, jobs } = this.#ports;
    const newest = await store.newestOf(model);
    const last = await jobs.newestRetraining(model);
    const settled = newest && (await this.#settle(newest, last));
    const isOpen = settled?.state === 'proposed' || settled?.state === 'approved';
    const proposal = isOpen ? settled : await this.#propose(model, drifts, settled, last);
    return proposal && this.#approveByRule(proposal);
  }

  /** What is known of a model that drifts: an alert says itself whose it is, but for those of before it did. */
  async #driftsByModel(): Promise<Map<string, AlertView[]>> {
    const { alerts, modelsOf } = this.#ports;
    const listed = await alerts.list('drift-model');
    const nameOf = ({ evidence: { model } }: AlertView) => (typeof model === 'string' ? model : undefined);
    const silent = listed.filter((alert) => nameOf(alert) === undefined);
    const runs = await modelsOf(new Set(silent.map(({ station }) => station)));
    const drifts = new Map<string, AlertView[]>();
    for (const alert of listed) {
      const model = nameOf(alert) ?? runs.get(alert.station)!;
      drifts.set(model, [...(drifts.get(model) ?? []), alert]);
    }
    return drifts;
  }

  async #settle(proposal: RetrainProposal, last: JobView | undefined): Promise<RetrainProposal> {
    const { store, jobs, clock } = this.#ports;
    const { id, state } = proposal;
    if (state === 'proposed' && last !== undefined && last.createdAt > proposal.at)
      return this.#settle(
        // Somebody retrained without asking: the labels are used.
        await store.change(id, { state: 'approved', actor: last.actor, job: last.id }, clock.nowMs()),
        last,
      );
    if (state !== 'approved' || proposal.job === null) return proposal;
    const job = await jobs.find(proposal.job);
    if (job?.state === 'done') return store.change(id, { state: 'done' }, clock.nowMs());
    if (job?.state !== 'failed' && job?.state !== 'cancelled') return proposal;
    const reason = `job ${job.id} ${job.state === 'failed' ? 'failed' : 'was cancelled'}: ${job.error ?? 'it had not begun'}`;
    return store.change(id, { state: 'proposed', actor: null, reason }, clock.nowMs());
  }

  async #propose(
    model: string,
    drifts: readonly AlertView[],
    before: RetrainProposal | undefined,
    last: JobView | undefined,
  ): Promise<RetrainProposal | undefined> {
    const { store, samples, project, clock } = this.#ports;
    if (last?.state === 'queued' || last?.state === 'running') return undefined;
    const declinedAtMs = before?.state === 'declined' ? msOf(before.decidedAt) : 0;
    // What was found meanwhile was found of the old version.
    const alert = alertToAnswer(drifts, Math.max(msOf(last?.endedAt), declinedAtMs));
    if (alert === undefined) return undefined;
    const { minRetrainLabels = defaultTargets.minRetrainLabels } = (await project.read()).targets;
    const labelled = await samples.countLabelledSince(model, msOf(last?.createdAt));
    const why = whyRetrain(alert, model, labelled, minRetrainLabels);
    if (why === undefined) return undefined;
    return store.add({ why, alert: alert.id, model }, clock.nowMs());
  }

  /** Where the project says so. What came back for any reason is a person's to decide, and is not begun again and again. */
  async #approveByRule(proposal: RetrainProposal): Promise<RetrainProposal> {
    const { store, project, clock } = this.#ports;
    if (proposal.state !== 'proposed' || proposal.reason !== null) return proposal;
    const { autoApproveRetraining = defaultTargets.autoApproveRetraining } = (await project.read()).targets;
    if (!autoApproveRetraining) return proposal;
    try {
      return await this.#begin(proposal, ruleName);
    } catch (error) {
      if (!isAppError(error)) throw error;
      const reason = `it could not begin by itself: ${error.message}`;
      return store.change(proposal.id, { state: 'proposed', actor: null, reason }, clock.nowMs());
    }
  }

  async #begin({ id, model }: RetrainProposal, actor: string): Promise<RetrainProposal> {
    const job = await this.#ports.enqueue({ model, rollout: {} }, actor);
    return this.#decide(id, { state: 'approved', actor, job: job.id, reason: null });
  }

  async #undecided(id: number): Promise<RetrainProposal> {
    const proposal = await this.#ports.store.find(id);
    if (proposal === undefined)
      throw new AppError('proposal-unknown', `there is no proposal ${id}`, {
        hint: 'See the list: GET /v1/retrain/proposals.',
      });
    if (proposal.state === 'proposed') return proposal;
    throw new AppError('proposal-decided', `proposal ${id} is ${proposal.state} already`, {
      hint: 'To retrain all the same: pomona retrain.',
    });
  }

  async #decide(id: number, change: ProposalChange): Promise<RetrainProposal> {
    const { store, alerts, clock } = this.#ports;
    const decided = await store.change(id, change, clock.nowMs());
    await alerts.closeAlert('retrain-proposed', null);
    return decided;
  }

  #raise({ id, why, model, reason }: RetrainProposal): Promise<void> {
    return this.#ports.alerts.raiseAlert({
      kind: 'retrain-proposed',
      severity: 'warning',
      station: null,
      title: `Retraining ${model} is proposed`,
      detail: `${why}.${reason === null ? '' : ` Before, ${reason}.`} Approve or decline it on the page of trainings.`,
      evidence: { proposal: id },
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

/** 0 for what did not happen. */
function msOf(instant: string | null | undefined): number {
  return instant == null ? 0 : Date.parse(instant);
}
