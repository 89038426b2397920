import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { find, freePorts } from './installed.ts';

/** The version that the adapter is proven on, or a newer one. */
export const realNginx = find({
  title: 'nginx',
  places: ['nginx', '/usr/sbin/nginx'],
  versionArguments: ['-v'],
  says: /nginx\/1\.(2[2-9]|[3-9]\d)\./,
  remedy: 'apt-get install nginx',
});

export type RunningNginx = {
  readonly program: string;
  readonly directory: string;
  /** Where Connect's files go. */
  readonly ownDir: string;
  readonly config: string;
  readonly errorLog: string;
  /** Addresses of two Connects: where their APIs are served, and where nginx says which generation that is. */
  readonly places: readonly { readonly listen: string; readonly proxyUrl: string; readonly generationUrl: string }[];
  /** Where the operator's own server answers. */
  readonly theirsUrl: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts an nginx in a folder of its own, with a server of the operator's, and waits until that answers. */
export async function startNginx(program: string): Promise<RunningNginx> {
  const directory = await mkdtemp(join(tmpdir(), 'stoa-nginx-'));
  const [theirs = 0, ...ports] = await freePorts(5);
  const ownDir = join(directory, 'conf.d/stoa');
  await mkdir(ownDir, { recursive: true });
  await mkdir(join(directory, 'body'));
  const [config, errorLog] = [join(directory, 'nginx.conf'), join(directory, 'error.log')];
  await writeFile(
    config,
    `worker_processes 1;
error_log ${errorLog};
pid ${directory}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  include ${ownDir}/*.conf;
  server { listen 127.0.0.1:${theirs}; location / { return 200 "theirs"; } }
}
`,
  );
  const theirsUrl = `http://127.0.0.1:${theirs}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(program, ['-c', config, '-g', 'daemon off;'], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let said = '';
    started.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    // It tells nobody when it listens, so it is asked, for 20 s at most.
    for (let attempt = 0; attempt < 1000 && started.exitCode === null; attempt += 1) {
      if (await answers(theirsUrl)) return;
      await setTimeout(20);
    }
    throw new Error(`${program} did not listen. It said: ${said}`);
  }

  async function end(): Promise<void> {
    if (child === undefined || child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  }

  await start();
  return {
    program,
    directory,
    ownDir,
    config,
    errorLog,
    places: [0, 2].map((at) => {
      const listen = `127.0.0.1:${ports[at]}`;
      return { listen, proxyUrl: `http://${listen}`, generationUrl: `http://127.0.0.1:${ports[at + 1]}` };
    }),
    theirsUrl,
    async restart() {
      await end();
      await start();
    },
    async stop() {
      await end();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.end();
  });
