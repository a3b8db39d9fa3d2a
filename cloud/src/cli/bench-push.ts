import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { chunkMapOf } from '@pomona/release';
import type { BenchResult, BenchRow } from '@pomona/training';
import { systemClock } from '@pomona/wire';
import { Aedes } from 'aedes';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { openPki } from '../adapters/pki/open-pki.ts';
import { benchResult, benchRow, claimStations, listening, median, withBenchPlane } from './bench-plane.ts';
import { pushToMany, timeToProbation } from './bench-push-many.ts';

const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-push-main.js', import.meta.url));
const rounds = 5;

interface Measured {
  /** `curl` is empty where it is not installed. */
  readonly megabytesPerS: Readonly<Record<'agent' | 'range' | 'bare' | 'https' | 'curl', readonly number[]>>;
  /** Of the file that is `next`, when the device has the other. */
  readonly reuse: { readonly listedBytes: number; readonly foundBytes: number; readonly searchMs: number };
}

/** To one agent, to many, and how long a real one takes to install it. */
export async function benchPush(
  megabytes: number,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<BenchResult> {
  const rows = [
    ...(await pushToOne(megabytes, signal)),
    ...(await pushToMany(signal, say)),
    ...(await timeToProbation(signal)),
  ];
  return benchResult('push', rows);
}

/**
 * MB/s of a file to one agent in a process of its own, by turns with a bare broker and with HTTPS to curl and to node's own client, all
 * over TLS from this process. Medians of five turns. Then the same file with something put in and something changed: how much of it the
 * agent finds in what it has.
 */
function pushToOne(megabytes: number, signal: AbortSignal): Promise<BenchRow[]> {
  return withBenchPlane(async ({ plane, dataFolder }) => {
    const file = randomBytes(megabytes * 1_000_000);
    const map = chunkMapOf(file);
    const blobs = new BlobFolder(dataFolder);
    await blobs.put(file);
    const next = changed(file);
    const nextMap = chunkMapOf(next);
    const pki = await openPki(join(dataFolder, 'pki'), systemClock, []);
    const tls = { key: pki.server.keyPem, cert: pki.server.chainPem };
    const bare = await startBareBroker({ ...tls, ca: plane.caPem }, file, map.chunkBytes);
    const https = createHttpsServer(tls, (_, response) =>
      createReadStream(join(blobs.folder, map.digest), { highWaterMark: map.chunkBytes }).pipe(response),
    );
    const httpsPort = await listening(https);
    // Detached: a Ctrl-C in the terminal is ours to pass on.
    const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
    try {
      const ended = once(child, 'exit').then(([code]) => {
        signal.throwIfAborted();
        throw new Error(`the agent's side of the bench ended with code ${code}`);
      });
      ended.catch(() => undefined);
      signal.addEventListener('abort', () => child.kill(), { once: true });
      signal.throwIfAborted();
      const [claim] = await claimStations(plane, 1);
      const httpsUrl = `https://127.0.0.1:${httpsPort}/`;
      child.send({ claim, map, nextMap, rounds, bareUrl: bare.url, httpsUrl, caFile: pki.caFile });
      const [{ megabytesPerS, reuse }] = (await Promise.race([once(child, 'message'), ended])) as [Measured];
      const name = `a release of ${megabytes} MB to one agent`;
      const [agent, range] = [median(megabytesPerS.agent), median(megabytesPerS.range)];
      const node = ['HTTPS of node', median(megabytesPerS.https)] as const;
      const curl =
        megabytesPerS.curl.length > 0 ? (['curl', median(megabytesPerS.curl)] as const) : undefined;
      return [
        benchRow(`${name} (goal 60)`, agent, 'MB/s', ['bare Aedes, same window', median(megabytesPerS.bare)]),
        ...(curl ? [benchRow(`${name} (goal 0.5)`, agent, 'MB/s', curl)] : []),
        benchRow(name, agent, 'MB/s', node),
        benchRow(`${name}, by HTTPS \`Range\``, range, 'MB/s', curl ?? node),
        benchRow(
          'reused of it after 1 kB was put in and 1 % changed',
          (100 * reuse.foundBytes) / next.byteLength,
          '%',
          ['only what stands where the list says', (100 * reuse.listedBytes) / next.byteLength],
        ),
        benchRow('searched for what can be reused', next.byteLength / 1_000 / reuse.searchMs, 'MB/s'),
      ];
    } finally {
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill();
        await exited;
      }
      https.closeAllConnections();
      https.close();
      await bare.stop();
    }
  });
}

/** 1 kB more after a third, and another hundredth in one piece near the end. */
function changed(file: Buffer): Buffer {
  const third = Math.floor(file.byteLength / 3);
  const from = 2 * third;
  const to = from + Math.floor(file.byteLength / 100);
  return Buffer.concat([
    file.subarray(0, third),
    randomBytes(1_000),
    file.subarray(third, from),
    randomBytes(to - from),
    file.subarray(to),
  ]);
}

interface BareBroker {
  readonly url: string;
  stop(): Promise<void>;
}

/** Aedes as it comes, over TLS with certificates on both sides; answers `ask` with chunks of `file` on `chunk`. */
export async function startBareBroker(
  tls: { readonly key: string; readonly cert: string; readonly ca: string },
  file: Uint8Array = new Uint8Array(),
  chunkBytes = 1,
): Promise<BareBroker> {
  const aedes = await Aedes.createBroker({ concurrency: 10_000 });
  const sockets = new Set<TLSSocket>();
  const server = createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: true }, (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  aedes.on('publish', ({ topic, payload }) => {
    if (topic !== 'ask') return;
    const { from, count } = JSON.parse(payload.toString()) as { from: number; count: number };
    for (let index = from; index < from + count; index++) {
      const chunk = Buffer.from(file.subarray(index * chunkBytes, (index + 1) * chunkBytes));
      const packet = {
        cmd: 'publish',
        topic: 'chunk',
        payload: chunk,
        qos: 0,
        retain: false,
        dup: false,
      } as const;
      aedes.publish(packet, () => undefined);
    }
  });
  const port = await listening(server);
  return {
    url: `mqtts://127.0.0.1:${port}`,
    async stop() {
      await new Promise<void>((resolve) => aedes.close(resolve));
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
