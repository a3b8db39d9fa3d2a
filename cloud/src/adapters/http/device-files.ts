import { pipeline, Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import fastifyStatic from '@fastify/static';
import { Type } from '@pomona/schema';
import { Digest, type StationAddress } from '@pomona/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SitePace } from '../../use-cases/site-pace.ts';
import type { SiteRules } from '../../use-cases/site-rules.ts';
import { type IdentityStores, identify } from '../mqtt/identify.ts';
import type { App } from './create-app.ts';
import { PacedBody, readBytes } from './pace-body.ts';
import { answerNotFound, appError } from './problem.ts';

export interface DeviceFilesOptions {
  readonly blobsFolder: string;
  readonly readMetadata: (file: string) => Promise<Uint8Array | undefined>;
  readonly stores: IdentityStores;
  readonly sites: Pick<SiteRules, 'isHeld'>;
  readonly pace: Pick<SitePace, 'turn'>;
}

/** As many as a station may have waiting over MQTT. */
const requestsPerStationMax = 8;

const BlobPath = Type.Object({ digest: Digest });
const MetadataPath = Type.Object({ file: Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' }) });

/**
 * The files that a station may have, by the paths that it asks for over MQTT too: blobs by their digest, whole or by `Range`
 * (RFC 9110, section 14), and the metadata. For stations that show the certificate that they were given last. Caps and quiet
 * hours of their site hold as they do over MQTT.
 */
export function addDeviceFiles(
  app: App,
  { blobsFolder, readMetadata, stores, sites, pace }: DeviceFilesOptions,
): void {
  const underWay = new Map<string, number>();
  const addresses = new WeakMap<FastifyRequest, StationAddress>();

  function ensureMayHave(address: StationAddress, path: string): void {
    if (sites.isHeld(address, path)) throw quiet(address);
  }

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const noPassword = { user: undefined, password: undefined };
    const identified = await identify(request.raw.socket as TLSSocket, noPassword, stores);
    if (!identified.ok) throw refused(identified.detail);
    const { principal, address } = identified;
    if (principal.kind !== 'station' || address === undefined) throw refused('it is no station’s');
    const { station } = principal;
    addresses.set(request, address);
    const count = underWay.get(station) ?? 0;
    if (count >= requestsPerStationMax) throw tooMany(station);
    underWay.set(station, count + 1);
    reply.raw.once('close', () => {
      const left = (underWay.get(station) ?? 1) - 1;
      if (left > 0) underWay.set(station, left);
      else underWay.delete(station);
    });
  }

  app.register(fastifyStatic, { serve: false });
  app.get(
    '/v1/files/blobs/:digest',
    {
      schema: { params: BlobPath },
      onRequest: admit,
      onSend: async (request, _reply, body) => {
        const address = addresses.get(request);
        if (address === undefined || !(body instanceof Readable)) return body;
        const path = `blobs/${(request.params as { digest: string }).digest}`;
        const paced = new PacedBody((bytes) => {
          ensureMayHave(address, path);
          return pace.turn(address.site, address.station, bytes);
        });
        // A station that hangs up closes the file too; what goes wrong ends the answer, which is how it hears of it.
        pipeline(body, paced, () => undefined);
        return paced;
      },
    },
    (request, reply) => {
      const { digest } = request.params;
      const address = addresses.get(request);
      if (address !== undefined) ensureMayHave(address, `blobs/${digest}`);
      // What has a digest for its name never changes, and a device knows by itself what to keep.
      const headers = { cacheControl: false, etag: false, lastModified: false };
      const options = { ...headers, highWaterMark: readBytes };
      return reply.sendFile(digest, blobsFolder, options);
    },
  );
  app.get(
    '/v1/files/metadata/:file',
    { schema: { params: MetadataPath }, onRequest: admit },
    async (request, reply) => {
      const bytes = await readMetadata(request.params.file);
      if (bytes === undefined) return answerNotFound(request);
      return reply.type('application/octet-stream').send(bytes);
    },
  );
}

function refused(why: string) {
  return appError(
    'certificate-refused',
    `files are given to stations with their certificate: ${why}`,
    'Make a claim with `pomona station enrol`, and use it on the board with `enrol --again`.',
  );
}

function quiet({ site, station }: StationAddress) {
  return appError(
    'quiet-hours',
    `${station} gets no release now: the quiet hours of ${site} last`,
    'Ask again when they are over.',
  );
}

function tooMany(station: string) {
  return appError(
    'too-many-requests',
    `${station} has ${requestsPerStationMax} requests under way`,
    'Wait until one of them is answered.',
  );
}
