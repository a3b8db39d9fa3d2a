import {
  AliasRequest,
  AppError,
  DesiredChange,
  ModelAlias,
  ModelLogEntry,
  Problem,
  ProjectTargets,
  ProjectView,
  Slug,
} from '@pomona/wire';
import { Type } from 'typebox';
import { type AliasPorts, changeAlias } from '../../use-cases/change-alias.ts';
import type { StationRecord } from '../../use-cases/ports.ts';
import { actorOf, isAdmin } from './actor.ts';
import type { App } from './create-app.ts';

export interface RegistryPorts extends AliasPorts {
  readonly models: AliasPorts['models'] & { log(name: string): Promise<ModelLogEntry[]> };
  readonly project: {
    read(): Promise<ProjectView>;
    write(targets: ProjectTargets, actor: string, nowMs: number): Promise<ProjectView>;
  };
  readonly stations: { find(station: string): Promise<StationRecord | undefined> };
  readonly desired: { history(stationId: number): Promise<DesiredChange[]> };
}

const failures = { '4xx': Problem, '5xx': Problem };
const NameKey = Type.Object({ name: Slug });
const AliasKey = Type.Object({ name: Slug, alias: Slug });

export function addRegistryRoutes(app: App, ports: RegistryPorts): void {
  const aliases = { 200: Type.Array(ModelAlias), ...failures };
  app.get(
    '/v1/models/:name/aliases',
    {
      config: { role: 'viewer' },
      schema: { summary: 'Names that point at versions', params: NameKey, response: aliases },
    },
    ({ params }) => ports.models.aliases(params.name),
  );
  app.put(
    '/v1/models/:name/aliases/:alias',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Point an alias at a version; a failed gate keeps it from becoming champion',
        params: AliasKey,
        body: AliasRequest,
        response: aliases,
      },
    },
    async (request) => [
      ...(await changeAlias(ports, request.params, request.body, {
        name: actorOf(request),
        isAdmin: isAdmin(request),
      })),
    ],
  );
  app.get(
    '/v1/models/:name/log',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Who changed what, newest first',
        params: NameKey,
        response: { 200: Type.Array(ModelLogEntry), ...failures },
      },
    },
    ({ params }) => ports.models.log(params.name),
  );
  addProjectRoutes(app, ports);
  addHistoryRoute(app, ports);
}

function addProjectRoutes(app: App, { project, clock }: RegistryPorts): void {
  const response = { 200: ProjectView, ...failures };
  app.get(
    '/v1/project',
    { config: { role: 'viewer' }, schema: { summary: 'What this project wants of a model', response } },
    () => project.read(),
  );
  app.put(
    '/v1/project',
    {
      config: { role: 'admin' },
      schema: { summary: 'A new version of the targets', body: ProjectTargets, response },
    },
    (request) => project.write(request.body, actorOf(request), clock.nowMs()),
  );
}

function addHistoryRoute(app: App, { stations, desired }: RegistryPorts): void {
  app.get(
    '/v1/stations/:station/history',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'What a station was told to run, newest first',
        params: Type.Object({ station: Slug }),
        response: { 200: Type.Array(DesiredChange), ...failures },
      },
    },
    async ({ params }) => {
      const record = await stations.find(params.station);
      if (record) return desired.history(record.id);
      throw new AppError('station-unknown', `there is no station ${params.station}`, {
        hint: 'See the list: pomona station list.',
      });
    },
  );
}
