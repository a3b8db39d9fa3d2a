/** What an agent remembers of its update on disk, and how much of it the control plane is told. */
import { Desired, Instant, Recipe, ReleaseRef, type Reported, Slug } from '@pomona/wire';
import { type Static, Type } from 'typebox';

const Count = Type.Integer({ minimum: 0 });
const Nullable = <T extends Parameters<typeof Type.Array>[0]>(schema: T) => Type.Union([schema, Type.Null()]);

/** `why`: of the choice of variant; not there in what was written before there was one. */
const choice = { variant: Slug, why: Type.Optional(Type.String()) };

export const Running = Type.Object({ release: ReleaseRef, ...choice, recipe: Recipe, since: Instant });
export type Running = Static<typeof Running>;

/** `tries`: how often it was begun again for the same desired state. */
const target = { release: ReleaseRef, tries: Count, fetchedBytes: Count, totalBytes: Count };
const working = <S extends string>(state: S) => Type.Object({ state: Type.Literal(state), ...target });

export const Update = Type.Union([
  Type.Object({ state: Type.Literal('idle') }),
  working('planned'),
  working('fetching'),
  working('verifying'),
  working('staged'),
  working('self-test'),
  /** `starts`: how often it was tried to run, over restarts of the agent. */
  Type.Object({ state: Type.Literal('probation'), ...target, ...choice, starts: Count }),
  working('active'),
  /** `retry`: it will be tried again by itself. Otherwise not before another desired state names it. */
  Type.Object({ state: Type.Literal('failed'), ...target, reason: Type.String(), retry: Type.Boolean() }),
  Type.Object({ state: Type.Literal('rolled-back'), ...target, reason: Type.String() }),
]);
export type Update = Static<typeof Update>;
export type TargetedUpdate = Exclude<Update, { state: 'idle' }>;

export const UpdateState = Type.Object({
  /** The newest that was accepted; its counter only grows. */
  desired: Nullable(Desired),
  running: Nullable(Running),
  /** What ran before, and worked. */
  previous: Nullable(Running),
  update: Update,
});
export type UpdateState = Static<typeof UpdateState>;

export const emptyUpdateState: UpdateState = {
  desired: null,
  running: null,
  previous: null,
  update: { state: 'idle' },
};

const reasonLengthMax = 500;

export function reportedOf({
  desired,
  running,
  update,
}: UpdateState): Omit<Reported, 'v' | 'boot' | 'seq' | 'at'> {
  const idle = { release: null, fetchedBytes: 0, totalBytes: 0 };
  const { release, fetchedBytes, totalBytes } = update.state === 'idle' ? idle : update;
  const retry = update.state === 'failed' ? { retry: update.retry } : {};
  const reason = 'reason' in update ? update.reason.slice(0, reasonLengthMax) : null;
  return {
    desiredCounter: desired?.counter ?? 0,
    update: { state: update.state, release, fetchedBytes, totalBytes, reason, ...retry },
    running: running && {
      release: running.release,
      variant: running.variant,
      since: running.since,
      ...(running.why === undefined ? {} : { why: running.why }),
    },
    recipeVersion: running?.recipe.version ?? null,
  };
}
