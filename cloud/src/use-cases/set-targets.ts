import { AppError, defaultShadowPlan, type ProjectTargets, type ProjectView } from '@pomona/wire';
import { newGradesOf } from '../domain/project-targets.ts';

interface Labelled {
  list(): Promise<readonly { readonly labels: readonly string[] }[]>;
}

export interface SetTargetsPorts {
  readonly project: {
    read(): Promise<ProjectView>;
    /** Error: `project-changed`, where these are not made of the newest. */
    write(
      targets: ProjectTargets,
      actor: string,
      nowMs: number,
      basedOn?: number,
      reason?: string,
    ): Promise<ProjectView>;
  };
  readonly models: Labelled;
  readonly datasets: Labelled;
}

/**
 * Makes a new version of the targets. A floor or a cost of a grade that nothing has would bind nothing, so that a slip of the
 * pen is refused; before there is any dataset or model, every name is taken. `basedOn` is the version that was changed; any unless given.
 * Errors: `label-unknown`, `project-changed`.
 */
export async function setTargets(
  { project, models, datasets }: SetTargetsPorts,
  targets: ProjectTargets,
  actor: string,
  nowMs: number,
  basedOn?: number,
  reason?: string,
): Promise<ProjectView> {
  const { targets: before } = await project.read();
  const named = newGradesOf(before, targets);
  if (named.length > 0) {
    const labelled = [...(await models.list()), ...(await datasets.list())];
    const known = new Set(labelled.flatMap(({ labels }) => labels));
    const unknown = named.filter((grade) => !known.has(grade));
    if (known.size > 0 && unknown.length > 0)
      throw new AppError('label-unknown', `no model and no dataset has the grade ${unknown.join(', ')}`, {
        hint: `The grades are ${[...known].sort().join(', ')}; see recallFloors and costs. Import the photographs of a new grade first.`,
      });
  }
  return project.write(withWholeShadow(targets), actor, nowMs, basedOn, reason);
}

/** What is on record says all of it, and stays what it was when a default changes. */
function withWholeShadow({ retrainShadow, ...targets }: ProjectTargets): ProjectTargets {
  if (retrainShadow === undefined) return targets;
  return { ...targets, retrainShadow: { ...defaultShadowPlan, ...retrainShadow } };
}
