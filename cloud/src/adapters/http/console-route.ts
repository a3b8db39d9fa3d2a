import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { App } from './create-app.ts';
import { answerNotFound } from './problem.ts';

/** Where the console's build lies, seen from here and from our own build alike. */
export const consoleFolder = fileURLToPath(new URL('../../../console/dist', import.meta.url));

/** The console needs nothing from elsewhere and nothing inline, so what an attacker might slip in does not run. */
const consolePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The console's files, and its page for every path that is a page of it. Without a build, a word on how to make one. */
export async function addConsole(app: App, folder = consoleFolder): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { config: { role: 'public' }, schema: { hide: true } }, async (_request, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .serializer((text: string) => text)
        .send(
          'The console is not built: pnpm --filter @pomona/console build. The API is at /openapi.json.\n',
        ),
    );
    app.setNotFoundHandler(answerNotFound);
    return;
  }
  await app.register(async (scope) => addFiles(scope as App, folder));
}

/** In a scope of its own, in which every route is public: who is not signed in yet needs the page to do so. */
async function addFiles(app: App, folder: string): Promise<void> {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, role: 'public' };
  });
  await app.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    setHeaders(reply, path) {
      reply.header('content-security-policy', consolePolicy);
      // Vite names what stands under assets/ by its content.
      const isNamedByContent = path.includes('/assets/');
      reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (!wantsPage || request.url.startsWith('/v1/')) return answerNotFound(request);
    return reply.sendFile('index.html');
  });
}
