import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { answerAsFaultyServer } from './faulty-postgres.ts';
import type { ServerFault } from './faulty-postgres.ts';

/** Stands between a server and its database, so that a test can take the database away, make it ill, and give it back. */
export type DatabaseProxy = {
  /** The database's URL by way of the proxy. */
  url: string;
  /** Cuts every connection and refuses new ones. */
  takeAway(): void;
  /** Cuts every connection; from then on a PostgreSQL answers that reports this fault of itself. */
  makeIll(fault: ServerFault): void;
  /** Cuts every connection; from then on one is taken and never answered. */
  hang(): void;
  giveBack(): void;
  close(): Promise<void>;
};

type Serve = (near: Socket) => void;

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const passOn: Serve = (near) => {
    const far = connect(Number(target.port), target.hostname);
    keep(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  };
  let serve = passOn;
  const server = createServer((near) => {
    keep(near);
    serve(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  const cut = () => sockets.forEach((socket) => socket.destroy());
  const change = (next: Serve) => {
    serve = next;
    cut();
  };
  return {
    url: url.href,
    takeAway: () => change((near) => near.destroy()),
    makeIll: (fault) => change((near) => answerAsFaultyServer(near, fault)),
    hang: () => change((near) => near.resume()),
    giveBack: () => change(passOn),
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
