/** Between an agent and its control plane, so that the network can be taken away. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface FlappingProxy {
  /** No connection lives and none is taken, or they are again. */
  cut(isCut: boolean): void;
  stop(): Promise<void>;
}

/** Passes what comes to `host` on each of the ports on to `target`, same port. */
export async function openProxy(
  host: string,
  target: string,
  ports: readonly number[],
): Promise<FlappingProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const servers = await Promise.all(
    ports.map(async (port) => {
      const server = createServer((near) => {
        if (isCut) return void near.destroy();
        const far = connect({ host: target, port });
        for (const [socket, other] of [
          [near, far],
          [far, near],
        ] as const) {
          sockets.add(socket);
          // Its close follows, and takes the other along.
          socket.on('error', () => undefined);
          socket.once('close', () => {
            sockets.delete(socket);
            other.destroy();
          });
        }
        near.pipe(far).pipe(near);
      }).listen(port, host);
      await once(server, 'listening');
      return server;
    }),
  );
  const cut = (now: boolean): void => {
    isCut = now;
    if (isCut) for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    async stop() {
      cut(true);
      await Promise.all(
        servers.map(async (server) => {
          server.close();
          await once(server, 'close');
        }),
      );
    },
  };
}
