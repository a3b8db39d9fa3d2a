import { Type } from '@pomona/schema';
import {
  AliasRequest,
  AppError,
  DesiredChange,
  GivenInstant,
  ModelAlias,
  ModelComparison,
  ModelLogEntry,
  type ModelView,
  Problem,
  ProjectTargets,
  ProjectView,
  Slug,
  StationRun,
} from '@pomona/wire';
import type { FastifyReply } from 'fastify';
import { cardFormats } from '../../domain/card-document.ts';
import { compareModels } from '../../domain/compare-models.ts';
import { type AliasPorts, changeAlias } from '../../use-cases/change-alias.ts';
import type { StationRecord } from '../../use-cases/ports.ts';
import { type SetTargetsPorts, setTargets } from '../../use-cases/set-targets.ts';
import { type CardPorts, writeCard } from '../../use-cases/write-card.ts';
import type { RunQuery } from '../sql/sql-run-store.ts';
import { actorOf, callerOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface RegistryPorts extends AliasPorts, CardPorts {
  readonly models: AliasPorts['models'] &
    CardPorts['models'] &
    SetTargetsPorts['models'] & { resolve(reference: string): Promise<ModelView> };
  readonly datasets: CardPorts['datasets'] & SetTargetsPorts['datasets'];
  readonly runs: { at(query: RunQuery): Promise<StationRun[]> };
  readonly project: SetTargetsPorts['project'] & {
    readVersion(version: number): Promise<ProjectView>;
    versions(): Promise<ProjectView[]>;
  };
  readonly stations: CardPorts['stations'] & {
    find(station: string): Promise<StationRecord | undefined>;
  };
  readonly desired: { history(stationId: number): Promise<DesiredChange[]> };
}

const failures = { '4xx': Problem, '5xx': Problem };
/** `NAME`, `NAME@3` or `NAME@champion`. */
const ModelReference = Type.String({ pattern: '^[a-z0-9-]{1,64}(@[a-z0-9-]{1,64})?$' });
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
    async (request) => [...(await changeAlias(ports, request.params, request.body, callerOf(request)))],
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
  addVersionRoutes(app, ports);
  addProjectRoutes(app, ports);
  addHistoryRoute(app, ports);
}

function addVersionRoutes(app: App, ports: RegistryPorts): void {
  const resolve = (reference: string) => ports.models.resolve(reference);
  app.get(
    '/v1/models/compare',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Figures and settings of two versions side by side',
        querystring: Type.Object({ a: ModelReference, b: ModelReference }),
        response: { 200: ModelComparison, ...failures },
      },
    },
    async ({ query: { a, b } }) => compareModels(await resolve(a), await resolve(b)),
  );
  app.get(
    '/v1/models/:name/versions/:version/card',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'The model card: HTML by itself, or Markdown',
        params: Type.Object({ name: Slug, version: Type.String({ pattern: '^[1-9][0-9]{0,8}$' }) }),
        querystring: Type.Object({ format: Type.Optional(Type.Enum([...cardFormats])) }),
      },
    },
    async ({ params: { name, version }, query: { format = 'html' } }, reply) => {
      const card = await writeCard(ports, await resolve(`${name}@${version}`), format);
      return reply
        .type(format === 'html' ? 'text/html; charset=utf-8' : 'text/markdown; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        .send(card);
    },
  );
}

function addProjectRoutes(app: App, ports: RegistryPorts): void {
  const { project, clock } = ports;
  const response = { 200: ProjectView, ...failures };
  app.get(
    '/v1/project',
    {
      config: { role: 'viewer' },
      schema: { summary: 'What this project wants of a model; its ETag is for a change to it', response },
    },
    async (_request, reply) => tagged(reply, await project.read()),
  );
  app.get(
    '/v1/project/versions',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Every version of the targets that somebody set, newest first',
        response: { 200: Type.Array(ProjectView), ...failures },
      },
    },
    () => project.versions(),
  );
  app.get(
    '/v1/project/versions/:version',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'The targets as they were in a version; 0 are the defaults',
        params: Type.Object({ version: Type.String({ pattern: '^(0|[1-9][0-9]{0,8})$' }) }),
        response,
      },
    },
    ({ params }) => project.readVersion(Number(params.version)),
  );
  app.put(
    '/v1/project',
    {
      config: { role: 'admin' },
      schema: {
        summary: 'A new version of the targets; with If-Match only of the version that has this ETag',
        headers: Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 100 })) }),
        querystring: Type.Object({ reason: Type.Optional(Type.String({ minLength: 3, maxLength: 500 })) }),
        body: ProjectTargets,
        response,
      },
    },
    async (request, reply) => {
      const basedOn = versionMatched(request.headers['if-match']);
      const { body, query } = request;
      return tagged(
        reply,
        await setTargets(ports, body, actorOf(request), clock.nowMs(), basedOn, query.reason),
      );
    },
  );
}

/** RFC 9110, section 8.8.3. */
function tagged(reply: FastifyReply, view: ProjectView): ProjectView {
  reply.header('etag', `"${view.version}"`);
  return view;
}

/**
 * RFC 9110, section 13.1.1, for one tag: undefined where any version will do. A weak one is taken too, which a proxy that packs answers makes of ours: it
 * still names one version. Error: `precondition-invalid`.
 */
function versionMatched(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const [, version] = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(ifMatch) ?? [];
  if (version !== undefined) return Number(version);
  throw new AppError('precondition-invalid', `If-Match: ${ifMatch} is no ETag of the targets`, {
    hint: 'Send the ETag of GET /v1/project as it was given, such as "3" with its quotes.',
  });
}

function addHistoryRoute(app: App, { stations, desired, runs }: RegistryPorts): void {
  app.get(
    '/v1/running',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Which release ran at which station at an instant, as the stations reported it',
        querystring: Type.Object({
          at: GivenInstant,
          site: Type.Optional(Slug),
          line: Type.Optional(Slug),
          station: Type.Optional(Slug),
        }),
        response: { 200: Type.Array(StationRun), ...failures },
      },
    },
    ({ query: { at, ...place } }) => runs.at({ atMs: Date.parse(at), ...place }),
  );
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
