import { Type } from '@pomona/schema';
import { AppError, DatasetReport, Problem, Slug } from '@pomona/wire';
import type { App } from './create-app.ts';

export interface ExploringPorts {
  /** Where a version is; undefined when there is none. */
  folderOf(name: string, digest: string): Promise<string | undefined>;
  /** HTML. */
  report(folder: string): Promise<string>;
  figures(folder: string): Promise<DatasetReport>;
}

const params = Type.Object({ name: Slug, digest: Type.String({ pattern: '^[0-9a-f]{4,64}$' }) });
const asText = (text: string) => text;

export function addExploringRoutes(app: App, { folderOf, report, figures }: ExploringPorts): void {
  const find = async (name: string, digest: string): Promise<string> => {
    const folder = await folderOf(name, digest);
    if (folder) return folder;
    throw new AppError('dataset-unknown', `there is no dataset ${name}@${digest}`, {
      hint: 'See the list: pomona dataset list.',
    });
  };
  app.get(
    '/v1/datasets/:name/:digest/report.html',
    { config: { role: 'viewer' }, schema: { summary: 'What a dataset version is like, as a page', params } },
    async ({ params: { name, digest } }, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        .serializer(asText)
        .send(await report(await find(name, digest))),
  );
  app.get(
    '/v1/datasets/:name/:digest/report.json',
    {
      config: { role: 'viewer' },
      schema: {
        ...{ summary: 'The same as figures: balance, distributions by grade and group, importance', params },
        response: { 200: DatasetReport, '4xx': Problem, '5xx': Problem },
      },
    },
    async ({ params: { name, digest } }) => figures(await find(name, digest)),
  );
}
