import type { TLSSocket } from 'node:tls';
import fastifyStatic from '@fastify/static';
import { Type } from '@pomona/schema';
import { Digest } from '@pomona/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type IdentityStores, identify } from '../mqtt/identify.ts';
import type { App } from './create-app.ts';
import { answerNotFound, appError } from './problem.ts';

export interface DeviceFilesOptions {
  readonly blobsFolder: string;
  readonly readMetadata: (file: string) => Promise<Uint8Array | undefined>;
  readonly stores: IdentityStores;
}

/** As many as a station may have waiting over MQTT. */
const requestsPerStationMax = 8;

const BlobPath = Type.Object({ digest: Digest });
const MetadataPath = Type.Object({ file: Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' }) });

/**
 * The files that a station may have, by the paths that it asks for over MQTT too: blobs by their digest, whole or by `Range`
 * (RFC 9110, section 14), and the metadata. For stations that show the certificate that they were given last.
 */
export function addDeviceFiles(app: App, { blobsFolder, readMetadata, stores }: DeviceFilesOptions): void {
  const underWay = new Map<string, number>();

  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const noPassword = { user: undefined, password: undefined };
    const identified = await identify(request.raw.socket as TLSSocket, noPassword, stores);
    if (!identified.ok) throw refused(identified.detail);
    if (identified.principal.kind !== 'station') throw refused('it is no station’s');
    const { station } = identified.principal;
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
    { schema: { params: BlobPath }, onRequest: admit },
    ({ params }, reply) =>
      // What has a digest for its name never changes, and a device knows by itself what to keep.
      reply.sendFile(params.digest, blobsFolder, { cacheControl: false, etag: false, lastModified: false }),
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
    'Enrol the station again with `pomona station enrol`.',
  );
}

function tooMany(station: string) {
  return appError(
    'too-many-requests',
    `${station} has ${requestsPerStationMax} requests under way`,
    'Wait until one of them is answered.',
  );
}
