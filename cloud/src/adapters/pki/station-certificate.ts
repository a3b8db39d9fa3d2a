import type { webcrypto } from 'node:crypto';
import { AppError } from '@pomona/wire';
import type { Authority, IssuedCertificate } from './authority.ts';
import { keyAlgorithm } from './key-pair.ts';
import * as x509 from './x509.ts';

const validDays = 365;

/**
 * Signs a station's PKCS#10 request: it must prove possession of its key, name the station and carry an EC P-256 key.
 * Nothing else of the request is taken over. Errors: `certificate-request-invalid`, `-name`, `-key`.
 */
export async function signStation(
  authority: Authority,
  csrPem: string,
  station: string,
): Promise<IssuedCertificate> {
  const request = await parseProven(csrPem);
  const names = request.subjectName.getField('CN');
  if (names.length !== 1 || names[0] !== station) {
    throw new AppError(
      'certificate-request-name',
      `the signing request names ${JSON.stringify(names.join(', ').slice(0, 80))}, the claim is for ${station}`,
      { hint: `Make the request for the common name ${station}.` },
    );
  }
  return authority.issue({
    commonName: station,
    publicKey: await importKey(request),
    usage: 'client',
    days: validDays,
  });
}

async function parseProven(csrPem: string): Promise<x509.Pkcs10CertificateRequest> {
  let request: x509.Pkcs10CertificateRequest | undefined;
  let cause: unknown;
  try {
    const parsed = new x509.Pkcs10CertificateRequest(csrPem);
    if (await parsed.verify()) request = parsed;
  } catch (error) {
    // Whatever the parser or the verification trips over: the bytes came from outside, and the answer is the same.
    cause = error;
  }
  if (request) return request;
  throw new AppError(
    'certificate-request-invalid',
    'the signing request cannot be read, or does not prove that its sender has the key',
    { hint: 'Send a PKCS#10 request in PEM that is signed with its own key.', cause },
  );
}

async function importKey(request: x509.Pkcs10CertificateRequest): Promise<webcrypto.CryptoKey> {
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (name !== keyAlgorithm.name || namedCurve !== keyAlgorithm.namedCurve) {
    throw new AppError(
      'certificate-request-key',
      `the key of the signing request is ${name} ${namedCurve ?? ''}`,
      {
        hint: 'Use an EC key on the curve P-256.',
      },
    );
  }
  return request.publicKey.export(keyAlgorithm, ['verify']);
}
