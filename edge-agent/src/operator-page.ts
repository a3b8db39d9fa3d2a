/** The page at the line, as far as it has a lifetime: what it shows, its server, and the wait for a port that is taken. */
import type { StationConfig } from '@pomona/firmware-config';
import { systemErrorCode } from '@pomona/wire';
import type { FastifyInstance } from 'fastify';
import { loadDeskMemory, saveDeskMemory } from './adapters/desk-memory.ts';
import { createOperatorServer } from './adapters/operator-server.ts';
import type { DeskView } from './domain/desk-view.ts';
import type { FromLine } from './domain/line-messages.ts';
import { type DeskPorts, LineDesk } from './use-cases/line-desk.ts';
import { LivePicture } from './use-cases/live-picture.ts';

export interface OperatorPageDeps extends Omit<DeskPorts, 'remember'> {
  readonly config: NonNullable<StationConfig['operatorPage']>;
  readonly geometry: StationConfig['geometry'];
  readonly dataDir: string;
  readonly address: Pick<DeskView, 'site' | 'line' | 'station'>;
  readonly boot: string;
  /** Told where it listens. */
  readonly onOpen: (url: string) => void;
  /** What it remembered was damaged, and lies there now. */
  readonly onMovedAside: (to: string) => void;
}

export interface OperatorPage {
  readonly pausedSince: () => string | undefined;
  hear(message: FromLine): void;
  stop(): Promise<void>;
}

/** A network that comes up later, or a program that lets go of the port, is found after so long. */
const againMs = 10_000;

/** Resolves when it knows whether grading is paused; its server may still be waiting for its port, which never stops the line. */
export async function openOperatorPage(deps: OperatorPageDeps): Promise<OperatorPage> {
  const { config, geometry, dataDir, address, boot, scheduler, line, onTrouble } = deps;
  const memory = await loadDeskMemory({ dataDir, boot, onMovedAside: deps.onMovedAside });
  const desk = new LineDesk(
    { address, boot, memory },
    { ...deps, remember: (next) => saveDeskMemory(dataDir, next) },
  );
  const frame = { width: geometry.frameWidthPx, height: geometry.frameHeightPx };
  const picture = new LivePicture(frame, { scheduler, ask: (question) => line.ask(question) });
  let server: FastifyInstance | undefined;
  let isStopped = false;
  let cancel: () => void = () => undefined;

  async function listen(): Promise<void> {
    const next = createOperatorServer({ config, desk, picture, scheduler, onTrouble });
    try {
      const url = await next.listen({ host: config.host, port: config.port });
      if (isStopped) return await next.close();
      server = next;
      deps.onOpen(url);
    } catch (error) {
      await next.close();
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      onTrouble(
        'operator-page-port',
        `the operator’s page cannot listen on ${config.host}:${config.port} (${code}); trying again`,
      );
      if (!isStopped) cancel = scheduler.after(againMs, () => void listen());
    }
  }

  await listen();
  return {
    pausedSince: () => desk.pausedSince,
    hear(message) {
      desk.hear(message);
      picture.hear(message);
    },
    async stop() {
      isStopped = true;
      cancel();
      picture.stop();
      await server?.close();
    },
  };
}
