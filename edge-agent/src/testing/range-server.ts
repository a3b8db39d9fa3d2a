/** A control plane's files over HTTPS with certificates on both sides, and the troubles that a test wants. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpsTransferOptions } from '../adapters/https-transfer.ts';
import { signingRequest } from '../adapters/signing-request.ts';
import { createTestAuthority } from './test-authority.ts';

export interface RangeServer extends Pick<HttpsTransferOptions, 'url' | 'tls'> {
  /** By the path that devices ask for: `blobs/…`, `metadata/…`. */
  readonly files: Map<string, Uint8Array>;
  readonly asked: { readonly path: string; readonly range: string | undefined; readonly station: string }[];
  /** Answers instead of the server where it returns true. `data` is what would be sent. */
  interfere: (response: ServerResponse, data: Uint8Array, asked: number) => boolean;
  stop(): Promise<void>;
}

export async function startRangeServer(): Promise<RangeServer> {
  const authority = await createTestAuthority();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { certificatePem: cert } = await authority.signRequest(signingRequest('valley-1-a', privateKey));
  const ca = authority.certificatePem;
  const own = await authority.issueServer();
  const server = createServer(
    { ...own, requestCert: true, rejectUnauthorized: true, ca },
    (request, response) => {
      const path = (request.url ?? '').replace('/v1/files/', '');
      const { range } = request.headers;
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      started.asked.push({ path, range, station: String(subject.CN) });
      const file = started.files.get(path);
      if (file === undefined) return response.writeHead(404).end();
      const [from = 0, to = file.byteLength - 1] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [])
        .slice(1)
        .map(Number);
      const data = file.subarray(from, to + 1);
      if (started.interfere(response, data, started.asked.length)) return undefined;
      return response.writeHead(range === undefined ? 200 : 206).end(data);
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started: RangeServer = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tls: { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert, ca },
    files: new Map(),
    asked: [],
    interfere: () => false,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return started;
}
