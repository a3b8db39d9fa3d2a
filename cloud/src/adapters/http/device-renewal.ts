import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { Problem, RenewRequest, RenewResponse } from '@pomona/wire';
import type { FastifyRequest } from 'fastify';
import type { ShownCertificate } from '../../use-cases/renew-station.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface DeviceRenewalOptions {
  readonly caPem: string;
  readonly renew: (shown: ShownCertificate, request: RenewRequest) => Promise<RenewResponse>;
}

/**
 * `POST /v1/renew`: a new certificate for a station that shows its newest one. One that has expired will do here and nowhere else:
 * a board that lay in a drawer for a year is still the one that was enrolled, and whoever must not come back is enrolled anew.
 */
export function addDeviceRenewal(
  app: App,
  { caPem, renew }: DeviceRenewalOptions,
  onRequest: (request: FastifyRequest) => Promise<void>,
): void {
  const authority = new X509Certificate(caPem);
  app.post(
    '/v1/renew',
    {
      schema: { body: RenewRequest, response: { 200: RenewResponse, '4xx': Problem, '5xx': Problem } },
      onRequest,
    },
    (request) => renew(shownBy(request.raw.socket as TLSSocket, authority), request.body),
  );
}

/** TLS has asked for a proof of its key; who signed it is asked here, since what OpenSSL says of an expired one is one word. */
function shownBy(socket: TLSSocket, authority: X509Certificate): ShownCertificate {
  const shown = socket.getPeerX509Certificate();
  if (shown === undefined || !shown.checkIssued(authority) || !shown.verify(authority.publicKey))
    throw appError(
      'certificate-refused',
      'only a station that shows its certificate gets a new one',
      'Make a claim with `pomona station enrol`, and use it on the board with `enrol --again`.',
    );
  const { CN } = shown.toLegacyObject().subject;
  return {
    name: String(CN),
    serial: shown.serialNumber.toLowerCase(),
    endsAtMs: new Date(shown.validTo).getTime(),
  };
}
