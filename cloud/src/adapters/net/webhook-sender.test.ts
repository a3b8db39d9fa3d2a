import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
