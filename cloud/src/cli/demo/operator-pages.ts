/** The pages at the demo's lines: on this machine alone, on ports that are free, with one PIN that is made once and shown again. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { hashPin, type OperatorPageConfig } from '@pomona/firmware-config';
import { systemErrorCode } from '@pomona/wire';

const host = '127.0.0.1';
/** The port of a station's page unless its configuration says otherwise; those after it are the other stations'. */
const firstPort = 8_095;

export async function operatorPages(
  dataFolder: string,
  count: number,
): Promise<{ readonly pin: string; readonly pages: readonly OperatorPageConfig[] }> {
  const pin = await rememberedPin(join(dataFolder, 'operator-pin'));
  const pinHash = await hashPin(pin);
  // Held open until all are known: a free port must not be given out twice.
  const servers: Server[] = [];
  for (let i = 0; i < count; i++) servers.push(await listenNear(firstPort + i));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(close));
  const pages = ports.map((port) => ({ host, port, pinHash, watching: 'open' as const }));
  return { pin, pages };
}

/** On that port, or on any when it is taken. */
async function listenNear(port: number): Promise<Server> {
  try {
    return await listen(port);
  } catch (error) {
    if (systemErrorCode(error) !== 'EADDRINUSE') throw error;
    return listen(0);
  }
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

async function rememberedPin(file: string): Promise<string> {
  try {
    const pin = (await readFile(file, 'utf8')).trim();
    if (/^\d{6}$/.test(pin)) return pin;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
  const pin = String(randomInt(1_000_000)).padStart(6, '0');
  await writeFile(file, `${pin}\n`, { mode: 0o600 });
  return pin;
}
