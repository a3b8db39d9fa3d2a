import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Compile } from '@pomona/schema';
import { AppError, RenewResponse } from '@pomona/wire';
import { parseJson } from './parse-json.ts';

const timeoutMs = 15_000;
const answerBytesMax = 65_536;
const validator = Compile(RenewResponse);

export interface StationTls {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/**
 * Asks the device port for a new certificate, showing the one that there is, however old. Undefined while that is good for
 * long. Throws `renewal-refused`, or `renewal-unreachable` (retryable).
 */
export async function askForCertificate(
  base: string,
  tls: StationTls,
  csrPem: string,
): Promise<string | undefined> {
  const { status, body } = await post(new URL('/v1/renew', base), tls, JSON.stringify({ csrPem }));
  if (status !== 200 || !validator.Check(body)) throw refused(status, body);
  if (body.certificatePem === null) return undefined;
  const fresh = readCertificate(body.certificatePem);
  const [own, authority] = [new X509Certificate(tls.cert), new X509Certificate(tls.ca)];
  if (!fresh?.verify(authority.publicKey) || fresh.subject !== own.subject)
    throw refused(status, {
      message: 'its certificate is not of this station, or not signed by its authority',
    });
  return body.certificatePem;
}

async function post(url: URL, tls: StationTls, text: string): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const signal = AbortSignal.timeout(timeoutMs);
  const request = httpsRequest(url, { ...tls, method: 'POST', agent: false, headers, signal });
  try {
    request.end(text);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.byteLength;
      if (bytes > answerBytesMax) throw new Error('the answer is too long');
      parts.push(part);
    }
    return { status: response.statusCode ?? 0, body: parseJson(Buffer.concat(parts).toString()) };
  } catch (error) {
    throw new AppError('renewal-unreachable', `${url.host} cannot be reached: ${(error as Error).message}`, {
      hint: 'Open the way to the device port (8443) for this station, or set its clock; it will be tried again.',
      cause: error,
      retryable: true,
    });
  } finally {
    request.destroy();
  }
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    // Bytes from outside; the caller refuses them.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function refused(status: number, body: unknown): AppError {
  const said = (body as { message?: unknown } | null)?.message;
  return new AppError(
    'renewal-refused',
    `the control plane gives no new certificate: ${typeof said === 'string' ? said.slice(0, 300) : `HTTP ${status}`}`,
    {
      hint: 'Make a claim with `pomona station enrol` and use it with `enrol --again`, or update the control plane if it is older.',
    },
  );
}
