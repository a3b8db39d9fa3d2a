/**
 * Posts to an address that an admin gave. Such an address is called by this machine and not by the admin's, so it must
 * not reach what only this machine can: its own programs (loopback) and the metadata services of clouds, which hand
 * out credentials at link-local addresses. The packhouse's own network is allowed: there the ERP stands. What is
 * checked is the address that is connected to, after the name was looked up, and a redirect is not followed.
 */
import { type LookupAddress, lookup } from 'node:dns';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError, systemErrorCode } from '@pomona/wire';

const timeoutMs = 10_000;

export interface WebhookSenderOptions {
  /** For tests, whose server stands on this machine. */
  readonly allowLoopback: boolean;
}

export class WebhookSender {
  readonly #loopback = new BlockList();
  readonly #refused = new BlockList();
  readonly #allowLoopback: boolean;

  constructor({ allowLoopback }: WebhookSenderOptions) {
    this.#allowLoopback = allowLoopback;
    // A rule for IPv4 covers IPv6's notation of it too.
    this.#loopback.addSubnet('127.0.0.0', 8, 'ipv4');
    this.#loopback.addAddress('::1', 'ipv6');
    // "This host" (RFC 1122) is connected to as loopback.
    this.#refused.addSubnet('0.0.0.0', 8, 'ipv4');
    this.#refused.addAddress('::', 'ipv6');
    this.#refused.addSubnet('169.254.0.0', 16, 'ipv4');
    this.#refused.addSubnet('fe80::', 10, 'ipv6');
    // Metadata services outside of the link-local range: AWS by IPv6, Alibaba Cloud.
    this.#refused.addAddress('fd00:ec2::254', 'ipv6');
    this.#refused.addAddress('100.100.100.200', 'ipv4');
    this.#refused.addSubnet('224.0.0.0', 4, 'ipv4');
    this.#refused.addAddress('255.255.255.255', 'ipv4');
    this.#refused.addSubnet('ff00::', 8, 'ipv6');
  }

  /** What can be told without looking a name up. Error: `webhook-address`. */
  check(text: string): void {
    if (!URL.canParse(text)) throw refusal(`${text} is no URL`);
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      throw refusal(`${url.protocol} is neither https: nor http:`);
    // They would be seen by everybody who sees the list.
    if (url.username !== '' || url.password !== '') throw refusal('the URL has a user or a password in it');
    const host = hostOf(url);
    if (isIP(host) !== 0) this.#checkAddress(host);
  }

  /** Resolves with the status; the rest of the answer is not read. Rejects after ten seconds, or when `signal` is aborted. */
  async post(
    text: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    signal: AbortSignal,
  ): Promise<number> {
    this.check(text);
    const url = new URL(text);
    const timeout = AbortSignal.timeout(timeoutMs);
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      lookup: this.#lookup,
      signal: AbortSignal.any([signal, timeout]),
    };
    try {
      return await new Promise<number>((resolve, reject) => {
        const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
        request.once('response', (response) => {
          resolve(response.statusCode ?? 0);
          response.destroy();
        });
        request.on('error', reject);
        request.end(body);
      });
    } catch (error) {
      if (timeout.aborted) throw new Error(`no answer within ${timeoutMs / 1_000} s`, { cause: error });
      if (untrusted.has(systemErrorCode(error) ?? '')) throw strangerBehind(url, error);
      throw error;
    }
  }

  readonly #lookup: LookupFunction = (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const first = addresses?.[0];
      if (error !== null || first === undefined)
        return callback(error ?? new Error(`${host} has no address`), '');
      try {
        for (const { address } of addresses) this.#checkAddress(address);
      } catch (refused) {
        return callback(refused as Error, '');
      }
      const all: LookupAddress[] = addresses;
      return options.all === true ? callback(null, all) : callback(null, first.address, first.family);
    });
  };

  #checkAddress(address: string): void {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (
      this.#refused.check(address, family) ||
      (!this.#allowLoopback && this.#loopback.check(address, family))
    )
      throw refusal(`${address} is an address of this machine or of its cloud’s own services`);
  }
}

/** What OpenSSL says of a certificate that leads to no authority it knows: the packhouse's own, or the certificate's own. */
const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

function strangerBehind({ host }: URL, cause: unknown): Error {
  const code = systemErrorCode(cause);
  return new Error(
    `no authority that the control plane trusts signed the certificate of ${host} (${code}): start it with NODE_EXTRA_CA_CERTS=FILE of your authority`,
    { cause },
  );
}

function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function refusal(message: string): AppError {
  return new AppError('webhook-address', message, {
    hint: 'Give an https: or http: URL of another machine.',
  });
}
