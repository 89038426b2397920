import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** A program of others that tests run where it is there. CI has all of them; who has not is told how to get it. */
export type Program = { readonly title: string; readonly path: string | undefined; readonly remedy: string };

type Wanted = {
  readonly title: string;
  readonly places: readonly string[];
  readonly versionArguments: readonly string[];
  readonly says: RegExp;
  readonly remedy: string;
};

/** The first of these places, which are names or paths below the repository, where a program of the wanted version is. */
export function find({ title, places, versionArguments, says, remedy }: Wanted): Program {
  const paths = places.map((place) => (place.startsWith('.') ? join(root, place) : place));
  return { title, remedy, path: paths.find((path) => says.test(versionOf(path, versionArguments))) };
}

function versionOf(path: string, given: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(path, [...given], { encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}` : '';
}

/** Ports that were free a moment ago: a gateway cannot be asked for any. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
