/**
 * How fast a file comes to a board: a child process with a message channel. It enrols with the claim that it is given,
 * and then fetches the same file by turns: through the agent's own transfer client, as bare chunks of a bare broker,
 * and over HTTPS. Nothing is written to a disk in any of them.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:https';
import { type ChunkMap, digestOf } from '@pomona/release';
import { type Claim, decodeChunk, type Status, seededRandom, systemClock } from '@pomona/wire';
import { connectAsync } from 'mqtt';
import { sendEnrolment } from './adapters/https-enrolment.ts';
import { MqttLink } from './adapters/mqtt-link.ts';
import { signingRequest } from './adapters/signing-request.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { chunkLimits } from './domain/chunk-window.ts';
import type { Identity } from './domain/identity.ts';
import { Rejections } from './domain/rejections.ts';
import { TransferClient } from './use-cases/transfer.ts';

interface BenchPush {
  readonly claim: Claim;
  readonly map: ChunkMap;
  readonly bareUrl: string;
  readonly httpsUrl: string;
  readonly rounds: number;
}

const [given] = (await once(process, 'message')) as [BenchPush];
const { claim, map, rounds } = given;
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const identity = await sendEnrolment(claim, {
  token: claim.token,
  csrPem: signingRequest(claim.station, privateKey),
});
const tls = {
  key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  cert: identity.certificatePem,
  ca: identity.caPem,
};
const agent = await connectAgent(identity);
const bare = await connectAsync(given.bareUrl, { ...tls, protocolVersion: 4, clientId: 'bare' });
await bare.subscribeAsync('chunk', { qos: 0 });
const measured = { agent: [] as number[], bare: [] as number[], https: [] as number[] };
for (let round = 0; round < rounds; round++) {
  measured.agent.push(await rateOf(fetchAsAgent));
  measured.bare.push(await rateOf(fetchBare));
  measured.https.push(await rateOf(fetchOverHttps));
}
process.send!({ kind: 'measured', megabytesPerS: measured });
await agent.link.stop();
await bare.endAsync(true);
process.disconnect();

/** MB/s; each way must have delivered the very file. */
async function rateOf(fetchAll: () => Promise<number>): Promise<number> {
  const fromMs = systemClock.monotonicMs();
  const bytes = await fetchAll();
  const tookMs = systemClock.monotonicMs() - fromMs;
  if (bytes !== map.bytes) throw new Error(`${fetchAll.name} got ${bytes} of ${map.bytes} bytes`);
  return bytes / 1_000 / tookMs;
}

/** Every chunk's digest is checked, as for a release. */
async function fetchAsAgent(): Promise<number> {
  const missing = new Set(map.chunks.keys());
  let bytes = 0;
  const sink = {
    missing: () => [...missing],
    async write(index: number, data: Uint8Array): Promise<void> {
      missing.delete(index);
      bytes += data.byteLength;
    },
  };
  await agent.transfer.fetchChunks(map, sink, new AbortController().signal);
  return bytes;
}

/** The same window, asked for the same way, and nothing else: no header, no digest, no access rules. */
function fetchBare(): Promise<number> {
  const windowChunks = chunkLimits.windowBytes / map.chunkBytes;
  const total = map.chunks.length;
  return new Promise((resolve) => {
    let bytes = 0;
    let asked = 0;
    let came = 0;
    const ask = (): void => {
      if (asked - came > windowChunks / 2 || asked >= total) return;
      const count = Math.min(windowChunks - (asked - came), total - asked);
      bare.publish('ask', JSON.stringify({ from: asked, count }));
      asked += count;
    };
    const onMessage = (_topic: string, payload: Buffer): void => {
      bytes += payload.byteLength;
      came++;
      if (came < total) {
        ask();
      } else {
        bare.off('message', onMessage);
        resolve(bytes);
      }
    };
    bare.on('message', onMessage);
    ask();
  });
}

async function fetchOverHttps(): Promise<number> {
  const request = get(given.httpsUrl, { ca: identity.caPem, agent: false });
  const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
  let bytes = 0;
  for await (const part of response) bytes += part.byteLength;
  return bytes;
}

async function connectAgent(own: Identity): Promise<{ link: MqttLink; transfer: TransferClient }> {
  const { site, line, station, brokerUrl } = own;
  const boot = randomBytes(8).toString('hex');
  let seq = 0;
  const nextSeq = (): number => seq++;
  const status = (state: Status['state']): Status => ({
    ...{ v: 1, boot, seq: nextSeq(), at: new Date(systemClock.nowMs()).toISOString(), state },
    ...{ agentVersion: '0.1.0', board: 'bench', release: null, clock: 'synced' },
  });
  const fail = (channel: string, cause: string, detail: string): void => {
    throw new Error(`${channel}: ${cause}: ${detail}`);
  };
  const random = seededRandom(process.pid, digestOf(Buffer.from(boot)));
  return new Promise((resolve, reject) => {
    const link: MqttLink = new MqttLink({
      ...{ url: brokerUrl, address: { site, line, station }, tls, status, random },
      onUp: () => resolve({ link, transfer }),
      onDown: (reason) => reject(new Error(`the connection was lost: ${reason}`)),
      onMessage: (channel, bytes) => {
        if (channel !== 'transfer/chunk') return;
        const chunk = decodeChunk(bytes);
        if (chunk === undefined) fail(channel, 'not-a-chunk', `${bytes.byteLength} bytes`);
        else transfer.accept(chunk);
      },
      ...{ rejections: new Rejections(), onRejected: fail, scheduler: systemScheduler },
    });
    const transfer = new TransferClient({
      ...{ link, scheduler: systemScheduler, random, boot, nextSeq, onRejected: fail },
    });
    link.start();
  });
}
