/**
 * Enrolment over HTTPS with a server that is known by nothing but the digest of its authority.
 *
 * First a connection without any trust, over which nothing is sent: it only shows the server's chain. The authority in it
 * must have the digest that the claim carries. Then a second connection that trusts this authority alone, checks the
 * host's name as usual, and carries the token.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { Compile } from '@pomona/schema';
import {
  AppError,
  type Claim,
  type EnrolRequest,
  EnrolResponse,
  Problem,
  systemErrorCode,
} from '@pomona/wire';
import type { Identity } from '../domain/identity.ts';
import { clockTrouble } from './certificate-time.ts';
import { parseJson } from './parse-json.ts';

const timeoutMs = 15_000;
const answerBytesMax = 1_048_576;
/** Node lists a certificate as its own issuer at the end of a chain, and a server may send anything. */
const chainLengthMax = 8;

const answerValidator = Compile(EnrolResponse);
const problemValidator = Compile(Problem);

/** `localAddress`: from which address of this machine it is sent, where that matters. */
export async function sendEnrolment(
  claim: Claim,
  request: EnrolRequest,
  from: { readonly localAddress?: string } = {},
): Promise<Identity> {
  const url = parseUrl(claim.url);
  const authority = await findAuthority(url, claim.caSha256);
  const { status, body } = await post(url, authority, request, from);
  if (status >= 400) throw refused(status, body);
  if (!answerValidator.Check(body)) throw badAnswer('it does not have the fields that it should');
  if (digestOf(readCertificate(body.caPem)) !== claim.caSha256)
    throw badAnswer('its authority is not the one that the claim names');
  if (!readCertificate(body.certificatePem).verify(authority.publicKey))
    throw badAnswer('its certificate was not signed by the authority');
  return body;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') return url;
  throw new AppError(
    'enrol-wrong-server',
    `the claim’s address ${text.slice(0, 200)} is not an https address`,
    {
      hint: 'Make a new claim with `pomona station enrol`.',
    },
  );
}

/** The certificate of the chain that has the digest and has signed the server's own. */
function findAuthority(url: URL, caSha256: string): Promise<X509Certificate> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) === 0 && { servername: host }),
      rejectUnauthorized: false,
      timeout: timeoutMs,
    });
    socket.once('secureConnect', () => {
      const leaf = socket.getPeerX509Certificate();
      const authority = chainOf(leaf).find((certificate) => digestOf(certificate) === caSha256);
      socket.destroy();
      if (leaf === undefined || authority === undefined)
        reject(wrongServer(url, 'its chain does not hold the authority that the claim names'));
      else if (!leaf.verify(authority.publicKey))
        reject(wrongServer(url, 'its certificate was not signed by the authority that the claim names'));
      else resolve(authority);
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
    socket.once('error', (error) => reject(unreachable(url, error)));
  });
}

function chainOf(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = leaf;
  while (next !== undefined && chain.length < chainLengthMax) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function post(
  base: URL,
  authority: X509Certificate,
  content: EnrolRequest,
  from: { readonly localAddress?: string },
): Promise<Answer> {
  const url = new URL('/v1/enrol', base);
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      {
        ...from,
        method: 'POST',
        ca: authority.toString(),
        agent: false,
        timeout: timeoutMs,
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        const parts: Buffer[] = [];
        let bytes = 0;
        response.on('data', (part: Buffer) => {
          bytes += part.byteLength;
          parts.push(part);
          if (bytes > answerBytesMax) request.destroy(badAnswer('it is too long'));
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: parseJson(Buffer.concat(parts).toString()) });
        });
        response.on('error', (error) => reject(unreachable(url, error)));
      },
    );
    request.once('timeout', () => request.destroy(new Error('no answer in time')));
    request.once('error', (error) => reject(error instanceof AppError ? error : unreachable(url, error)));
    request.end(JSON.stringify(content));
  });
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw badAnswer('a certificate in it cannot be read', error);
  }
}

function digestOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('hex');
}

function refused(status: number, body: unknown): AppError {
  const problem = problemValidator.Check(body) ? body : undefined;
  const said = problem ? `${problem.message} (${problem.code})` : `HTTP ${status}`;
  if (status >= 500 || status === 429) {
    return new AppError('enrol-unreachable', `the control plane could not enrol the station now: ${said}`, {
      hint: problem?.hint ?? 'It will be tried again; look at the control plane’s log.',
      retryable: true,
    });
  }
  return new AppError('enrol-refused', `the control plane refused the claim: ${said}`, {
    hint: 'A claim is good once and for a limited time: make a new claim with `pomona station enrol` and put it in the place of the old one.',
  });
}

function unreachable(url: URL, error: Error): AppError {
  const code = systemErrorCode(error) ?? '';
  const trouble = clockTrouble(error);
  if (trouble !== undefined)
    return new AppError('enrol-wrong-clock', trouble, {
      hint: 'It is tried again, and the claim is still good: a time server may set the clock meanwhile.',
      cause: error,
      retryable: true,
    });
  if (code.includes('CERT')) return wrongServer(url, error.message, error);
  return new AppError('enrol-unreachable', `${url.host} cannot be reached: ${error.message}`, {
    hint: 'Check that the control plane runs and that this device can reach it; it will be tried again.',
    cause: error,
    retryable: true,
  });
}

function wrongServer(url: URL, why: string, cause?: unknown): AppError {
  return new AppError('enrol-wrong-server', `${url.host} is not the control plane of the claim: ${why}`, {
    hint: 'Check the network and the address; if the control plane was set up anew, make a new claim with `pomona station enrol`.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function badAnswer(why: string, cause?: unknown): AppError {
  return new AppError('enrol-bad-answer', `the control plane’s answer to the claim cannot be used: ${why}`, {
    hint: 'Check that the agent and the control plane run matching versions.',
    ...(cause === undefined ? {} : { cause }),
  });
}
