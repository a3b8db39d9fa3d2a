import { Type } from '@pomona/schema';
import { ModelReference, Prediction, Problem } from '@pomona/wire';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

const imageBytesMax = 16 * 1024 * 1024;
const imageTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/tiff', 'image/avif'];

export interface PredictRoutePorts {
  predict(reference: string, photograph: Uint8Array): Promise<Prediction>;
}

export function addPredictRoutes(app: App, { predict }: PredictRoutePorts): void {
  app.addContentTypeParser(
    imageTypes,
    { parseAs: 'buffer', bodyLimit: imageBytesMax },
    (_request, body, done) => done(null, body),
  );
  app.post(
    '/v1/predict',
    {
      bodyLimit: imageBytesMax,
      config: { role: 'viewer' },
      schema: {
        summary: 'The grade of the one fruit of a photograph; the body is the image file',
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
