import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPki } from '../pki/open-pki.ts';
import { WebhookSender } from './webhook-sender.ts';

const strict = new WebhookSender({ allowLoopback: false });
const lenient = new WebhookSender({ allowLoopback: true });
const { signal } = new AbortController();

describe('an address that is given', () => {
  it.each([
    'http://127.0.0.1:9/',
    'http://2130706433/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0.0.0.0/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'ftp://erp.example/',
    'file:///etc/passwd',
    'https://user:password@erp.example/',
    'erp',
  ])('%s is refused', (url) => {
    expect(() => strict.check(url)).toThrow(expect.objectContaining({ code: 'webhook-address' }));
  });

  it.each([
    'https://erp.example/hook',
    'http://192.168.1.20:8000/',
    'http://10.0.0.7/',
    'https://[2001:db8::1]/',
  ])('%s is taken', (url) => {
    expect(() => strict.check(url)).not.toThrow();
  });

  it('is refused when link-local, also where loopback is allowed', () => {
    expect(() => lenient.check('http://127.0.0.1/')).not.toThrow();
    expect(() => lenient.check('http://169.254.169.254/')).toThrow();
  });
});

describe('post', () => {
  let server: Server;
  let asked = 0;
  const port = () => (server.address() as AddressInfo).port;
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked++;
      if (request.url === '/silent') return;
      response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('refuses a name that leads to loopback, by the address that it would connect to', async () => {
    const before = asked;
    const post = strict.post(`http://localhost:${port()}/`, {}, '{}', signal);
    await expect(post).rejects.toMatchObject({ code: 'webhook-address' });
    expect(asked).toBe(before);
  });

  it('does not follow a redirect', async () => {
    const before = asked;
    expect(await lenient.post(`http://127.0.0.1:${port()}/`, {}, '{}', signal)).toBe(302);
    expect(asked).toBe(before + 1);
  });

  it('is broken off by its signal', async () => {
    const stop = new AbortController();
    const post = lenient.post(`http://127.0.0.1:${port()}/silent`, {}, '{}', stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(post).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a receiver with a certificate of a private authority', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-webhook-'));
  const built = new URL('../../../dist/adapters/net/webhook-sender.js', import.meta.url).href;
  let server: ReturnType<typeof createHttpsServer>;
  let caFile = '';
  let asked = 0;
  beforeAll(async () => {
    const pki = await openPki(folder, systemClock, []);
    caFile = pki.caFile;
    server = createHttpsServer({ key: pki.server.keyPem, cert: pki.server.certificatePem }, (_, response) => {
      asked++;
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** What a program says that is started with this environment: Node reads the authorities once. */
  async function postFrom(environment: NodeJS.ProcessEnv): Promise<string> {
    const program = join(folder, 'post.mjs');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
    writeFileSync(
      program,
      `import { WebhookSender } from ${JSON.stringify(built)};
const sender = new WebhookSender({ allowLoopback: true });
const post = sender.post(${JSON.stringify(url)}, {}, '{}', new AbortController().signal);
console.log(await post.catch((error) => error.message));`,
    );
    const env = { PATH: process.env.PATH, ...environment };
    const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
    return stdout.trim();
  }

  it('is told nothing, and what to do is said', async () => {
    expect(await postFrom({})).toMatch(
      /^no authority that the control plane trusts signed the certificate of 127\.0\.0\.1:\d+ \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\): start it with NODE_EXTRA_CA_CERTS=FILE/,
    );
    expect(asked).toBe(0);
  });

  it('is told by a control plane that was started with NODE_EXTRA_CA_CERTS', async () => {
    expect(await postFrom({ NODE_EXTRA_CA_CERTS: caFile })).toBe('204');
    expect(asked).toBe(1);
  });
});
