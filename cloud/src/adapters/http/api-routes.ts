import { Type } from '@pomona/schema';
import {
  AppError,
  asyncApiDocument,
  Claim,
  ClaimRequest,
  DatasetView,
  type Desired,
  DesiredRequest,
  ModelView,
  Overview,
  Problem,
  Slug,
  StationView,
  StoredFruit,
} from '@pomona/wire';
import type { Actor } from '../../use-cases/pass-gates.ts';
import { callerOf } from './actor.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface FruitCursor {
  readonly station: string;
  readonly boot: string;
  readonly seq: number;
}

/** What the API gives access to. */
export interface ApiPorts {
  readonly version: string;
  overview(): Promise<Overview>;
  stations(): Promise<StationView[]>;
  station(station: string): Promise<StationView | undefined>;
  claim(request: ClaimRequest): Promise<Claim>;
  /** As a person may. */
  orderStation(station: string, request: DesiredRequest, actor: Actor): Promise<Desired>;
  fruits(query: { station?: string; limit: number; before?: FruitCursor }): Promise<StoredFruit[]>;
  readonly datasets: {
    list(): Promise<DatasetView[]>;
    find(name: string, digestPrefix?: string): Promise<DatasetView | undefined>;
  };
  readonly models: {
    list(): Promise<ModelView[]>;
    find(name: string, version?: number): Promise<ModelView | undefined>;
  };
}

const viewer = { role: 'viewer' } as const;
const failures = { '4xx': Problem, '5xx': Problem };
const FruitCursorText = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}:[0-9a-f]{16}:[0-9]{1,16}$',
  description: 'station:boot:seq of a fruit; only those that arrived before it',
});
const FruitQuery = Type.Object({
  station: Type.Optional(Slug),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  before: Type.Optional(FruitCursorText),
});
const Health = Type.Object({ status: Type.Literal('ok') });
const DatasetKey = Type.Object({ name: Slug, digest: Type.String({ pattern: '^[0-9a-f]{4,64}$' }) });
const ModelKey = Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) });

export function addApiRoutes(app: App, ports: ApiPorts): void {
  const answers = (schema: object) => ({ response: { 200: schema, ...failures } });
  app.get(
    '/healthz',
    { config: { role: 'public' }, schema: { summary: 'Whether it runs', ...answers(Health) } },
    async () => ({
      status: 'ok' as const,
    }),
  );
  app.get(
    '/v1/overview',
    { config: viewer, schema: { summary: 'Everything at a glance', ...answers(Overview) } },
    () => ports.overview(),
  );
  addStationRoutes(app, ports);
  app.get(
    '/v1/fruits',
    {
      config: viewer,
      schema: {
        summary: 'Graded fruits, newest arrival first',
        querystring: FruitQuery,
        ...answers(Type.Array(StoredFruit)),
      },
    },
    ({ query: { station, limit = 100, before } }) =>
      ports.fruits({
        limit,
        ...(station === undefined ? {} : { station }),
        ...(before === undefined ? {} : { before: cursorOf(before) }),
      }),
  );
  addRegistryRoutes(app, ports);
  app.get('/openapi.json', { config: { role: 'public' }, schema: { hide: true } }, () => app.swagger());
  app.get('/asyncapi.json', { config: { role: 'public' }, schema: { hide: true } }, () =>
    asyncApiDocument(ports.version),
  );
}

function addStationRoutes(app: App, ports: ApiPorts): void {
  const response = { 200: StationView, ...failures };
  const params = Type.Object({ station: Slug });
  app.get(
    '/v1/stations',
    {
      config: viewer,
      schema: { summary: 'All stations', response: { ...response, 200: Type.Array(StationView) } },
    },
    () => ports.stations(),
  );
  app.get(
    '/v1/stations/:station',
    { config: viewer, schema: { summary: 'One station', params, response } },
    ({ params: key }) => viewOf(ports, key.station),
  );
  app.post(
    '/v1/stations/claims',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'A claim with which a device becomes the station, once',
        body: ClaimRequest,
        response: { 201: Claim, ...failures },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await ports.claim(body)),
  );
  app.put(
    '/v1/stations/:station/desired',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'What the station should run; a failed gate stops it',
        params,
        body: DesiredRequest,
        response,
      },
    },
    async (request) => {
      const { params: key, body } = request;
      await ports.orderStation(key.station, body, callerOf(request));
      return viewOf(ports, key.station);
    },
  );
}

async function viewOf(ports: ApiPorts, station: string): Promise<StationView> {
  const view = await ports.station(station);
  if (view) return view;
  throw appError('station-unknown', `there is no station ${station}`, 'See the list: pomona station list.');
}

function addRegistryRoutes(app: App, { datasets, models }: ApiPorts): void {
  app.get(
    '/v1/datasets',
    {
      config: viewer,
      schema: { summary: 'Dataset versions', response: { 200: Type.Array(DatasetView), ...failures } },
    },
    () => datasets.list(),
  );
  app.get(
    '/v1/datasets/:name/:digest',
    {
      config: viewer,
      schema: {
        summary: 'One dataset version, by its digest or the first digits of it',
        params: DatasetKey,
        response: { 200: DatasetView, ...failures },
      },
    },
    async ({ params: { name, digest } }) =>
      (await datasets.find(name, digest)) ??
      missing('dataset-unknown', `there is no dataset ${name} of ${digest}`, 'pomona dataset list'),
  );
  app.get(
    '/v1/models',
    {
      config: viewer,
      schema: { summary: 'Model versions', response: { 200: Type.Array(ModelView), ...failures } },
    },
    () => models.list(),
  );
  app.get(
    '/v1/models/:name/:version',
    {
      config: viewer,
      schema: { summary: 'One model version', params: ModelKey, response: { 200: ModelView, ...failures } },
    },
    async ({ params: { name, version } }) =>
      (await models.find(name, version)) ??
      missing('model-unknown', `there is no model ${name} of version ${version}`, 'pomona model list'),
  );
}

function missing(code: 'dataset-unknown' | 'model-unknown', message: string, command: string): never {
  throw new AppError(code, message, { hint: `See the list: ${command}.` });
}

function cursorOf(text: string): FruitCursor {
  const [station = '', boot = '', seq = ''] = text.split(':');
  return { station, boot, seq: Number(seq) };
}
