import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExpectedError } from '@stoa/lib/errors.ts';
import { changed, guideBlock, installed } from '@stoa/link/testing/gateway-process.ts';
import { itemPath } from '../subjects/items.ts';
import type { Bench } from '../system/bench.ts';
import { freePort } from '../system/processes.ts';
import { envoyVersion, findEnvoy } from './envoy.ts';

export const envoyAsking = { http: `Envoy ${envoyVersion}, ext_authz over HTTP`, grpc: `Envoy ${envoyVersion}, ext_authz over gRPC` };

type Asking = { readonly name: string; readonly upstreamUrl: string; readonly authorizerPort: number };
const portOf = (url: string): number => Number(new URL(url).port);
/** Whoever brings no credential is denied. */
const isThere = async (url: string): Promise<boolean> => (await fetch(url)).status > 0;
const envoys = {
  http: { guide: 'link-with-envoy.md', asked: 8082 },
  grpc: { guide: 'link-with-envoy-grpc.md', asked: 9001 },
};

/** An Envoy as the guide has it, which asks somebody about each request for items. Throws, with the remedy, where it is not installed. */
export async function startAskingEnvoy(bench: Bench, by: keyof typeof envoys, { name, upstreamUrl, authorizerPort }: Asking): Promise<string> {
  const command = await findEnvoy();
  const port = await freePort();
  const { guide, asked } = envoys[by];
  const at = (text: string, from: number, to: number): string => changed(text, `port_value: ${from}`, `port_value: ${to}`);
  const configuration = at(at(at(guideBlock(guide, 'yaml'), 8091, port), asked, authorizerPort), 8084, portOf(upstreamUrl));
  const file = join(bench.dir, `${name}.yaml`);
  await writeFile(file, configuration);
  const url = `http://127.0.0.1:${port}`;
  await bench.processes.start({
    name,
    command,
    args: ['-c', file, '--concurrency', '1', '--use-dynamic-base-id', '--log-level', 'error'],
    cores: bench.plan.cores?.upstream,
    isReady: () => isThere(`${url}${itemPath(0)}`),
  });
  return url;
}

/** An nginx as the guide has it; one that asks nobody without a port of who is asked. Throws, with the remedy, where it is not installed. */
export async function startNginx(
  bench: Bench,
  { name, upstreamUrl, authorizerPort }: Omit<Asking, 'authorizerPort'> & { authorizerPort?: number },
): Promise<string> {
  const command = installed(['nginx', '/usr/sbin/nginx'], '-v');
  if (command === undefined) throw new ExpectedError('nginx is not installed: apt-get install nginx');
  const port = await freePort();
  const guide = changed(
    changed(guideBlock('link-with-nginx.md', 'nginx'), '127.0.0.1:8090', `127.0.0.1:${port}`),
    '127.0.0.1:8084',
    new URL(upstreamUrl).host,
  );
  const asking =
    authorizerPort === undefined ? changed(guide, 'auth_request /_stoa_authz;', '') : changed(guide, '127.0.0.1:8082', `127.0.0.1:${authorizerPort}`);
  const folders = ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = folders.map((folder) => `${folder === 'body' ? 'client_body' : folder}_temp_path ${bench.dir}/${name}-${folder};`).join(' ');
  const file = join(bench.dir, `${name}.conf`);
  await writeFile(
    file,
    `daemon off; master_process off; pid ${bench.dir}/${name}.pid; error_log stderr crit; events {}\nhttp { access_log off; ${temporary}\n${asking}}\n`,
  );
  const url = `http://127.0.0.1:${port}`;
  await bench.processes.start({
    name,
    command,
    args: ['-p', bench.dir, '-c', file],
    cores: bench.plan.cores?.upstream,
    isReady: () => isThere(`${url}${itemPath(0)}`),
  });
  return url;
}
