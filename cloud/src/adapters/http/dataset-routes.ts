import { Readable } from 'node:stream';
import { Type } from '@pomona/schema';
import {
  AcceptRequest,
  AppError,
  DatasetView,
  FreezeRequest,
  PhotographCounts,
  Problem,
  Slug,
  UploadQuery,
  UploadView,
} from '@pomona/wire';
import { labelNames } from '../../domain/label-names.ts';
import {
  type AcceptPorts,
  type AcceptQuarantined,
  acceptQuarantined,
} from '../../use-cases/accept-quarantined.ts';
import type { FreezePhotographsRequest } from '../../use-cases/freeze-photographs.ts';
import type { ImportedDataset } from '../../use-cases/import-dataset.ts';
import type { Uploads } from '../../use-cases/upload-photographs.ts';
import { zipBytesMax } from '../dataset/upload-folder.ts';
import { actorOf, speakerOf } from './actor.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface DatasetPorts extends Omit<AcceptPorts, 'datasets'> {
  counts(): Promise<PhotographCounts[]>;
  freeze(request: Omit<FreezePhotographsRequest, 'signal'>): Promise<ImportedDataset>;
  readonly datasets: AcceptPorts['datasets'] & {
    find(name: string, digestPrefix: string): Promise<DatasetView | undefined>;
  };
  readonly uploads: Pick<Uploads, 'begin' | 'find'>;
}

const params = Type.Object({ name: Slug, digest: Type.String({ pattern: '^[0-9a-f]{4,64}$' }) });
const failures = { '4xx': Problem, '5xx': Problem };

export function addDatasetRoutes(app: App, ports: DatasetPorts): void {
  app.post(
    '/v1/datasets/:name/:digest/accept',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Take photographs out of the quarantine; answers the new version, which says who did so and why',
        params,
        body: AcceptRequest,
        response: { 201: DatasetView, ...failures },
      },
    },
    async (request, reply) => {
      const { name, digest } = request.params;
      const view = await ports.datasets.find(name, digest);
      if (view === undefined)
        throw new AppError('dataset-unknown', `there is no dataset ${name}@${digest}`, {
          hint: 'See the list: pomona dataset list.',
        });
      const accepted = await acceptQuarantined(ports, view, { ...request.body, ...speaker(request) });
      return reply.code(201).send(accepted);
    },
  );
  addLabelledRoutes(app, ports);
  addUploadRoutes(app, ports.uploads);
}

function speaker(request: object): Pick<AcceptQuarantined, 'by' | 'source'> {
  const { name: by, source } = speakerOf(request);
  return { by, source };
}

function addLabelledRoutes(app: App, { counts, freeze }: Pick<DatasetPorts, 'counts' | 'freeze'>): void {
  app.get(
    '/v1/photographs',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'How far the photographs that were imported are labelled, by the dataset that they are for',
        response: { 200: Type.Array(PhotographCounts), ...failures },
      },
    },
    () => counts(),
  );
  app.post(
    '/v1/datasets/:name/freeze',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'A dataset version of the photographs that were imported for it, by their labels',
        params: Type.Object({ name: Slug }),
        body: FreezeRequest,
        response: { 201: DatasetView, ...failures },
      },
    },
    async (request, reply) => {
      const { seed = 1, ...body } = request.body;
      const { name } = request.params;
      const { view } = await freeze({ ...body, seed, name, ...speaker(request) });
      return reply.code(201).send(view);
    },
  );
}

function addUploadRoutes(app: App, uploads: DatasetPorts['uploads']): void {
  const zipTypes = ['application/zip', 'application/x-zip-compressed'];
  // As it comes: an archive does not fit into memory.
  app.addContentTypeParser(zipTypes, { bodyLimit: zipBytesMax }, (_request, payload, done) =>
    done(null, payload),
  );
  app.post(
    '/v1/datasets/:name/uploads',
    {
      bodyLimit: zipBytesMax,
      config: { role: 'operator' },
      schema: {
        summary:
          'A dataset version of a ZIP file of photographs: a folder per grade, or an index.csv; or, unsorted, photographs to be labelled. The body is the file',
        consumes: zipTypes,
        params: Type.Object({ name: Slug }),
        querystring: UploadQuery,
        response: { 202: UploadView, ...failures },
      },
    },
    async (request, reply) => {
      const { body, params: key, query } = request;
      if (!(body instanceof Readable))
        throw appError(
          'bad-request',
          'the body is not a ZIP file',
          `Send the file itself as ${zipTypes[0]}.`,
        );
      const { file = 'photographs.zip', grades = 'good,ok,bad', size = 64, seed = 1, ...others } = query;
      const { unsorted: isUnsorted = false, ...standardise } = others;
      const wanted = {
        ...{ name: key.name, file, grades: labelNames([grades]), size, seed, isUnsorted },
        ...(Object.keys(standardise).length === 0 ? {} : { standardise }),
      };
      return reply.code(202).send(await uploads.begin(wanted, actorOf(request), body));
    },
  );
  app.get(
    '/v1/datasets/:name/uploads/:id',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'What becomes of an upload',
        params: Type.Object({ name: Slug, id: Type.Integer({ minimum: 1 }) }),
        response: { 200: UploadView, ...failures },
      },
    },
    async ({ params: { name, id } }) => {
      const view = uploads.find(name, id);
      if (view) return view;
      throw appError(
        'not-found',
        `there is no upload ${id} of ${name}`,
        'Uploads are forgotten at a restart.',
      );
    },
  );
}
