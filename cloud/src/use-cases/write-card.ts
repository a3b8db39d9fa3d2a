import type { DatasetView, ModelAlias, ModelLogEntry, ModelView, ProjectView } from '@pomona/wire';
import { type CardFormat, renderCard } from '../domain/card-document.ts';
import { modelCard, type PicturedCase } from '../domain/model-card.ts';
import type { StationRecord } from './ports.ts';

export interface CardPorts {
  readonly models: {
    find(name: string, version?: number): Promise<ModelView | undefined>;
    aliases(name: string): Promise<ModelAlias[]>;
    log(name: string): Promise<ModelLogEntry[]>;
  };
  readonly datasets: { find(name: string, digest: string): Promise<DatasetView | undefined> };
  readonly project: { read(): Promise<ProjectView> };
  readonly stations: { list(): Promise<StationRecord[]> };
  /** Errors: `model-unreadable`, `prediction-slow`. */
  pictureWorst(model: ModelView): Promise<readonly PicturedCase[]>;
}

/** Far more than anybody retrains; a circle ends here too. */
const ancestorsMax = 50;

export async function writeCard(ports: CardPorts, model: ModelView, format: CardFormat): Promise<string> {
  const { models, datasets, project, stations } = ports;
  const running = (await stations.list()).filter(
    ({ reported }) => reported?.running?.release.digest === model.digest,
  );
  const blocks = modelCard({
    model,
    dataset: await datasets.find(model.dataset.name, model.dataset.digest),
    project: await project.read(),
    aliases: await models.aliases(model.name),
    log: await models.log(model.name),
    ancestors: await ancestorsOf(models, model),
    // Markdown has no place for them.
    worst: format === 'html' ? await ports.pictureWorst(model) : [],
    stations: running.map(({ site, line, station }) => `${site}/${line}/${station}`),
  });
  return renderCard(blocks, format);
}

async function ancestorsOf(models: CardPorts['models'], model: ModelView): Promise<string[]> {
  const names: string[] = [];
  let { parent } = model;
  while (parent && names.length < ancestorsMax) {
    names.push(`${parent.name}@${parent.version}`);
    parent = (await models.find(parent.name, parent.version))?.parent;
  }
  return names;
}
