import type { Server as HttpsServer } from 'node:https';
import { Type } from '@pomona/schema';
import { type Clock, EnrolRequest, EnrolResponse, Problem } from '@pomona/wire';
import type { FastifyRequest } from 'fastify';
import { TokenBuckets } from '../../domain/token-bucket.ts';
import type { Logger } from '../../use-cases/ports.ts';
import type { TlsIdentity } from '../pki/server-identity.ts';
import { type App, createApp } from './create-app.ts';
import { addDeviceFiles, type DeviceFilesOptions } from './device-files.ts';
import { addDeviceRenewal, type DeviceRenewalOptions } from './device-renewal.ts';
import { answerNotFound, appError } from './problem.ts';

export interface DeviceServerOptions extends DeviceFilesOptions, DeviceRenewalOptions {
  readonly identity: TlsIdentity;
  /** Shown behind our own certificate: a device knows the authority by its digest alone, and must get to see it. */
  readonly caPem: string;
  readonly enrol: (request: EnrolRequest) => Promise<EnrolResponse>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const bodyBytesMax = 16_384;
/** Ten boards may be enrolled at once from one packhouse; guessing tokens of 256 bits is hopeless anyway. */
const perAddress = { burst: 20, perSecond: 0.5, keysMax: 10_000 } as const;

/**
 * HTTPS for devices, with a certificate of our own authority: enrolment for those that have no certificate yet, files for those
 * that have, and nothing else.
 */
export function createDeviceServer(options: DeviceServerOptions): App {
  const { identity, caPem, enrol, clock, logger } = options;
  const app = createApp({ bodyBytesMax, tls: tlsOf(identity, caPem) }, logger);
  const buckets = new TokenBuckets(perAddress);
  const takeTurn = async (request: FastifyRequest): Promise<void> => {
    if (buckets.take(request.ip, clock.monotonicMs())) return;
    throw appError(
      'too-many-requests',
      'too many requests from this address',
      'Wait a minute and try again.',
    );
  };
  app.get(
    '/healthz',
    { schema: { response: { 200: Type.Object({ status: Type.Literal('ok') }) } } },
    async () => ({
      status: 'ok' as const,
    }),
  );
  app.post(
    '/v1/enrol',
    {
      schema: { body: EnrolRequest, response: { 200: EnrolResponse, '4xx': Problem, '5xx': Problem } },
      onRequest: takeTurn,
    },
    ({ body }) => enrol(body),
  );
  addDeviceRenewal(app, options, takeTurn);
  addDeviceFiles(app, options);
  app.setNotFoundHandler(answerNotFound);
  return app;
}

/** For new connections; those that there are keep the certificate that they began with. */
export function renewDeviceServer(app: App, identity: TlsIdentity, caPem: string): void {
  const { key, cert, clientCa } = tlsOf(identity, caPem);
  (app.server as HttpsServer).setSecureContext({ key, cert, ca: clientCa });
}

function tlsOf({ keyPem, certificatePem }: TlsIdentity, caPem: string) {
  return { key: keyPem, cert: `${certificatePem}\n${caPem}\n`, clientCa: caPem };
}
