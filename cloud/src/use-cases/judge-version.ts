import type { ModelAlias, ModelView, ProjectView } from '@pomona/wire';
import { errorCostOf } from '../domain/error-cost.ts';
import { judgeGates } from '../domain/gates.ts';

export interface JudgeVersionPorts {
  readonly models: {
    find(name: string, version?: number): Promise<ModelView | undefined>;
    aliases(name: string): Promise<ModelAlias[]>;
  };
  readonly project: { read(): Promise<ProjectView> };
}

/** A new version with what this project says of it: what its mistakes cost, and its gates, against the champion of its name. */
export async function judgeVersion(ports: JudgeVersionPorts, model: ModelView): Promise<ModelView> {
  const champion = await aliased(ports, model.name, 'champion');
  const { targets } = await ports.project.read();
  return {
    ...model,
    errorCost: errorCostOf(model, targets),
    gates: judgeGates({ model, champion, targets }),
  };
}

export async function aliased(
  { models }: Pick<JudgeVersionPorts, 'models'>,
  name: string,
  alias: string,
): Promise<ModelView | undefined> {
  const found = (await models.aliases(name)).find((each) => each.alias === alias);
  return found && models.find(name, found.version);
}
