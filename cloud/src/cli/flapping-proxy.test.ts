import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { openProxy } from './flapping-proxy.ts';

it('passes bytes on, ends what lives when it is cut, and takes connections again afterwards', async () => {
  const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as AddressInfo;
  const proxy = await openProxy('127.0.0.2', '127.0.0.1', [port]);
  const open = () => connect({ host: '127.0.0.2', port }).on('error', () => undefined);
  try {
    const first = open();
    first.write('one');
    expect(String((await once(first, 'data'))[0])).toBe('one');
    proxy.cut(true);
    await once(first, 'close');
    const refused = open();
    await once(refused, 'close');
    proxy.cut(false);
    const again = open();
    again.write('two');
    expect(String((await once(again, 'data'))[0])).toBe('two');
  } finally {
    await proxy.stop();
    echo.close();
  }
});
