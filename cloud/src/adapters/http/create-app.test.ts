import { type TSchema, Type } from '@pomona/schema';
import { GivenInstant } from '@pomona/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { type App, createApp } from './create-app.ts';

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined };
let app: App | undefined;
afterEach(() => app?.close());

function appOf(body: TSchema): App {
  app = createApp({ bodyBytesMax: 10_000 }, silent as never);
  app.post('/try', { schema: { body }, config: { role: 'public' } }, async (request) => ({
    took: request.body,
  }));
  return app;
}

const post = (to: App, payload: unknown) =>
  to.inject({
    method: 'POST',
    url: '/try',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  });

describe('a request with an instant', () => {
  const body = Type.Object({ labelsAt: Type.Optional(GivenInstant) });

  it('has it read as people write it', async () => {
    const answer = await post(appOf(body), { labelsAt: '2026-10-14T10:00:00+02:00' });
    expect(answer.json()).toEqual({ took: { labelsAt: '2026-10-14T08:00:00.000Z' } });
  });

  it.each([[[]], [['2026-10-14T10:00:00Z']], ['text'], [null], [1]])(
    'is refused when it is %j',
    async (sent) => {
      expect((await post(appOf(body), sent)).statusCode).toBe(400);
    },
  );

  it.each([
    ['an object', Type.Object({ range: Type.Object({ from: GivenInstant }) })],
    ['a list', Type.Object({ at: Type.Array(GivenInstant) })],
    ['a choice', Type.Object({ at: Type.Union([GivenInstant, Type.Null()]) })],
    ['nothing', GivenInstant],
  ])('is refused as a route when it is in %s', async (_, nested) => {
    await expect(appOf(nested).ready()).rejects.toThrow('an instant as people write it');
  });

  it('leaves a list alone that a route takes', async () => {
    expect((await post(appOf(Type.Array(Type.Number())), [1, 2])).json()).toEqual({ took: [1, 2] });
  });
});
