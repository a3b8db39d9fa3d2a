import { LiveEvent } from '@pomona/wire';
import type { LiveFeed } from '../../use-cases/live-feed.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

const clientsMax = 64;
/** A client that reads so slowly misses events; the next ones are newer anyway. */
const backlogBytesMax = 512 * 1024;
const heartbeatMs = 15_000;

/** `GET /v1/events`: server-sent events (HTML Living Standard, section 9.2). */
export function addLiveRoute(app: App, feed: Pick<LiveFeed, 'subscribe'>): void {
  const endings = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of endings) end();
  });
  app.get(
    '/v1/events',
    {
      // It would never be answered, and count as a page that listens.
      exposeHeadRoute: false,
      config: { role: 'viewer' },
      schema: {
        summary: 'Graded fruits, stations and alerts as they come; event is kind, data is the object',
        produces: ['text/event-stream'],
        response: { 200: LiveEvent },
      },
    },
    async (request, reply) => {
      if (endings.size >= clientsMax)
        throw appError('too-many-requests', `${clientsMax} pages listen already`, 'Close some of them.');
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      raw.write('retry: 2000\n\n');
      const unsubscribe = feed.subscribe((event) => {
        if (raw.writableLength > backlogBytesMax) return;
        raw.write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`);
      });
      const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs);
      const end = () => {
        clearInterval(heartbeat);
        unsubscribe();
        endings.delete(end);
        raw.end();
      };
      endings.add(end);
      request.raw.once('close', end);
    },
  );
}
