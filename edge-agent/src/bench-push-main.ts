/**
 * How fast a file comes to a board: a child process with a message channel. It enrols with the claim that it is given,
 * and then fetches the same file by turns: through the agent's own transfer clients (MQTT, HTTPS with `Range`), as bare chunks
 * of a bare broker, and as one answer over HTTPS, by node's own client and by curl. Nothing is written to a disk in any of them. Last it looks in that file for the chunks of another.
 */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:https';
import { promisify } from 'node:util';
import { type ChunkMap, chunkRange, digestOf, findChunks } from '@pomona/release';
import {
  type Claim,
  decodeChunk,
  type Status,
  seededRandom,
  systemClock,
  systemErrorCode,
} from '@pomona/wire';
import { connectAsync } from 'mqtt';
import { sendEnrolment } from './adapters/https-enrolment.ts';
import { HttpsTransfer } from './adapters/https-transfer.ts';
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
  /** What is looked for in the file of `map`. */
  readonly nextMap: ChunkMap;
  readonly bareUrl: string;
  readonly httpsUrl: string;
  readonly caFile: string;
  readonly rounds: number;
}

const [given] = (await once(process, 'message')) as [BenchPush];
const { claim, map, nextMap, rounds } = given;
/** As the agent fetched it last. */
const file = Buffer.alloc(map.bytes);
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
const files = new HttpsTransfer({
  ...{ url: identity.deviceUrl ?? '', tls, scheduler: systemScheduler },
  onRejected: (...why) => {
    throw new Error(why.join(': '));
  },
});
const measured = {
  agent: [] as number[],
  range: [] as number[],
  bare: [] as number[],
  https: [] as number[],
  curl: [] as number[],
};
let hasCurl = true;
for (let round = 0; round < rounds; round++) {
  measured.agent.push(await rateOf(() => fetchWith(agent.transfer)));
  measured.range.push(await rateOf(() => fetchWith(files)));
  measured.bare.push(await rateOf(fetchBare));
  measured.https.push(await rateOf(fetchOverHttps));
  const curl: number | undefined = hasCurl ? await rateOfCurl() : undefined;
  hasCurl = curl !== undefined;
  if (curl !== undefined) measured.curl.push(curl);
}
process.send!({ kind: 'measured', megabytesPerS: measured, reuse: reuseOf() });
files.stop();
await agent.link.stop();
await bare.endAsync(true);
process.disconnect();

/** MB/s; each way must have delivered the very file. */
async function rateOf(fetchAll: () => Promise<number>): Promise<number> {
  const fromMs = systemClock.monotonicMs();
  const bytes = await fetchAll();
  const tookMs = systemClock.monotonicMs() - fromMs;
  if (bytes !== map.bytes) throw new Error(`${bytes} of ${map.bytes} bytes came`);
  return bytes / 1_000 / tookMs;
}

/** Every chunk's digest is checked, as for a release. */
async function fetchWith(transfer: Pick<TransferClient, 'fetchChunks'>): Promise<number> {
  const missing = new Set(map.chunks.keys());
  let bytes = 0;
  const sink = {
    missing: () => [...missing],
    async write(index: number, data: Uint8Array): Promise<void> {
      missing.delete(index);
      file.set(data, chunkRange(map, index).start);
      bytes += data.byteLength;
    },
  };
  await transfer.fetchChunks(map, sink, new AbortController().signal);
  return bytes;
}

/** How much of the next file needs no link: what both lists name, and what a search finds. */
function reuseOf(): { listedBytes: number; foundBytes: number; searchMs: number } {
  const listed = new Set(map.chunks);
  const bytesOf = (indices: Iterable<number>): number =>
    [...indices].reduce((sum, index) => {
      const { start, end } = chunkRange(nextMap, index);
      return sum + end - start;
    }, 0);
  const listedBytes = bytesOf(
    [...nextMap.chunks.keys()].filter((index) => listed.has(nextMap.chunks[index]!)),
  );
  const fromMs = systemClock.monotonicMs();
  let foundBytes = 0;
  for (const found of findChunks(nextMap, nextMap.chunks.keys(), file))
    foundBytes += bytesOf(found?.indices ?? []);
  return { listedBytes, foundBytes, searchMs: systemClock.monotonicMs() - fromMs };
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

/** MB/s from its first name look-up to the last byte, by its own clock; undefined where it is not installed. */
async function rateOfCurl(): Promise<number | undefined> {
  const { httpsUrl, caFile } = given;
  const said = '%{size_download} %{time_total}';
  const args = ['--silent', '--show-error', '--cacert', caFile, '--output', '/dev/null', '--write-out', said];
  try {
    const { stdout } = await promisify(execFile)('curl', [...args, httpsUrl]);
    const [bytes, tookS] = stdout.split(' ').map(Number);
    if (bytes !== map.bytes || tookS === undefined)
      throw new Error(`curl: ${bytes} of ${map.bytes} bytes came`);
    return bytes / 1e6 / tookS;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
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
