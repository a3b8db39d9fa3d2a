import { Type } from '@pomona/schema';
import { ModelReference, Prediction, Problem, Slug, WorstCase } from '@pomona/wire';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

const imageBytesMax = 16 * 1024 * 1024;
const imageTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/tiff', 'image/avif'];

export interface PredictRoutePorts {
  predict(reference: string, photograph: Uint8Array): Promise<Prediction>;
  /** Of `NAME@VERSION`. */
  worst(reference: string): Promise<WorstCase[]>;
}

export function addPredictRoutes(app: App, { predict, worst }: PredictRoutePorts): void {
  app.get(
    '/v1/models/:name/versions/:version/worst',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'What an evaluation got most surely wrong, with the pictures and where the grade came from',
        params: Type.Object({ name: Slug, version: Type.String({ pattern: '^[1-9][0-9]{0,8}$' }) }),
        response: { 200: Type.Array(WorstCase), '4xx': Problem, '5xx': Problem },
      },
    },
    ({ params: { name, version } }) => worst(`${name}@${version}`),
  );
  // Of any picture: what it is, and whether that is read, its bytes say better than who sent it.
  for (const type of [/^image\//, 'application/octet-stream'])
    app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: imageBytesMax }, (_request, body, done) =>
      done(null, body),
    );
  app.post(
    '/v1/predict',
    {
      bodyLimit: imageBytesMax,
      config: { role: 'viewer' },
      schema: {
        summary:
          'The grade of the one fruit of a photograph, and where in it that comes from; the body is the image file',
        consumes: imageTypes,
        querystring: Type.Object({ model: Type.Optional(ModelReference) }),
        response: { 200: Prediction, '4xx': Problem, '5xx': Problem },
      },
    },
    ({ query: { model = 'apples' }, body }) => {
      if (!Buffer.isBuffer(body))
        throw appError(
          'bad-request',
          'the body is not an image',
          `Send the file itself as ${imageTypes.join(', ')}.`,
        );
      return predict(model, body);
    },
  );
}
