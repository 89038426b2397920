import { writeFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PolicySpec } from '@stoa/generated/schemas.ts';
import { AdminError } from '../engine/admin-error.ts';
import { realNginx, startNginx } from '../testing/nginx-process.ts';
import type { RunningNginx } from '../testing/nginx-process.ts';
import { createNginxAdapter } from '../vendors/nginx/adapter.ts';
import { fileOf, generationIn, nameOf } from '../vendors/nginx/document.ts';
import type { Pace } from '../vendors/nginx/served.ts';
import { nginxTools } from '../vendors/nginx/tools.ts';
import type { NginxTools } from '../vendors/nginx/tools.ts';
import type { Exposed, FaultKind, LawBench, LawSubject, RealSubject } from './subject.ts';

/** An nginx as the bench sees it: what its adapter works with, and what it runs. */
type Backend = {
  /** For the first or the second adapter: each has addresses of its own. */
  toolsFor(index: number): NginxTools;
  /** By file: what lies there. */
  files(): Promise<ReadonlyMap<string, string>>;
  /** What was taken at the last reload, by file. */
  running(): ReadonlyMap<string, string>;
  plant(file: string, text: string): Promise<void>;
  /** Takes away every file. */
  clear(): Promise<void>;
  stop(): Promise<void>;
};

const faults: readonly FaultKind[] = ['refused', 'error', 'cut', 'error_after', 'cut_after', 'lied'];

export const nginx: LawSubject = {
  on: 'files, and a stand-in for nginx that takes them at a reload',
  faults,
  start: async () => benchOn(standIn(), { patienceMs: 0, inARow: 1 }),
};

/** Every write has a real nginx test its files and start new workers. A reload that it keeps silent about would be waited for. */
export const realNginxes: readonly RealSubject[] = [
  {
    on: 'a real nginx',
    faults: ['refused', 'error', 'cut', 'error_after'],
    share: 0.06,
    missing: realNginx.path === undefined ? `nginx 1.22 or newer is not installed: ${realNginx.remedy}` : undefined,
    start: async () => {
      const running = await startNginx(realNginx.path ?? '');
      return benchOn(real(running), undefined, running);
    },
  },
];

async function benchOn(backend: Backend, pace: Pace | undefined, at?: RunningNginx): Promise<LawBench> {
  let look: (() => void) | undefined;
  let countdown = 0;
  let fault: FaultKind | undefined;
  let writes = 0;
  let adapters = 0;
  const failed = { code: 1, said: 'nginx: [emerg] a fault of the test' };

  /** The tools of an adapter, of which the write with the number goes wrong. */
  function faulty(tools: NginxTools): NginxTools {
    let now: FaultKind | undefined;
    let replaced: { readonly text: string | undefined } | undefined;
    return {
      ...tools,
      async put(file, text) {
        // What puts back what was there takes a write back, and is none.
        const isUndone = replaced !== undefined && replaced.text === text;
        replaced = isUndone ? undefined : { text: await tools.read(file) };
        if (isUndone) return tools.put(file, text);
        writes += 1;
        now = fault !== undefined && (countdown -= 1) === 0 ? fault : undefined;
        if (now === 'cut') throw new AdminError('unavailable', 'a fault of the test');
        await tools.put(file, text);
      },
      test: async () => (now === 'refused' ? failed : tools.test()),
      async reload() {
        if (now === 'error') return failed;
        if (now === 'lied') return { code: 0, said: '' };
        const ended = await tools.reload();
        look?.();
        return now === 'error_after' || now === 'cut_after' ? failed : ended;
      },
    };
  }

  const ownFiles = async (gatewayIds: readonly string[], isOurs: boolean): Promise<string> =>
    [...(await backend.files())]
      .filter(([file]) => gatewayIds.some((id) => file === fileOf(id)) === isOurs)
      .sort()
      .map((entry) => entry.join('\n'))
      .join('\n');
  return {
    adapter() {
      adapters += 1;
      const index = adapters % 2;
      const { listen, generationUrl } = at?.places[index] ?? { listen: `127.0.0.1:${80 + index}`, generationUrl: `http://127.0.0.1:${90 + index}` };
      return createNginxAdapter({
        url: generationUrl,
        settings: { nginxDir: at?.ownDir ?? '/nowhere', nginxListen: listen },
        tools: faulty(backend.toolsFor(index)),
        ...(pace !== undefined && { pace }),
      });
    },
    async reset() {
      if ((await backend.files()).size === 0) return;
      await backend.clear();
    },
    plantForeign: (seed) => backend.plant('theirs.conf', `# theirs ${'x'.repeat(seed)}\n`),
    foreign: (gatewayIds) => ownFiles(gatewayIds, false),
    ours: (gatewayId) => ownFiles([gatewayId], true),
    exposed: (gatewayId) => exposedBy(backend.running().get(fileOf(gatewayId)) ?? '', gatewayId),
    watch: (given) => void (look = given),
    fail: (nth, kind) => void ([countdown, fault] = [nth, kind]),
    heal: () => void (fault = undefined),
    writes() {
      const made = writes;
      writes = 0;
      return made;
    },
    close: () => backend.stop(),
  };
}

/** An API is reachable where its location is; which policies are in force there, its directives say. */
function exposedBy(text: string, gatewayId: string): Exposed[] {
  const apis = [...text.matchAll(/"apiId":"([^"]+)","name":"([^"]+)"/g)];
  return apis.flatMap(([, apiId = '', api = '']): Exposed[] => {
    const at = text.indexOf(`/${nameOf(gatewayId, apiId)} {\n`);
    const block = at < 0 ? undefined : text.slice(at, text.indexOf('\n  }', at));
    if (block === undefined) return [];
    return [{ api, guards: (Object.keys(signs) as PolicySpec['kind'][]).filter((kind) => signs[kind]?.test(block)) }];
  });
}

const signs: { readonly [K in PolicySpec['kind']]?: RegExp } = {
  api_key_auth: /secure_link_md5 "\$http_x_(api|other)_key";[\s\S]*return 401;/,
  rate_limit: /limit_req zone=/,
  cors: /add_header Access-Control-Allow-Origin/,
  ip_restriction: /(deny|allow) \d/,
  request_size_limit: /client_max_body_size \d+;/,
  headers: /"X-Channel"/,
};

function standIn(): Backend {
  const files = new Map<string, string>();
  let running = new Map<string, string>();
  const well = { code: 0, said: '' };
  const toolsFor = (): NginxTools => {
    // Each Connect has one file, and asks for it before it asks what answers.
    let own = '';
    return {
      version: async () => '1.22.1',
      test: async () => well,
      dump: async () => well,
      async reload() {
        running = new Map(files);
        return well;
      },
      generation: async () => generationIn(running.get(own) ?? ''),
      async read(file) {
        own = file;
        return files.get(file);
      },
      readFile: async () => undefined,
      put: async (file, text) => void (text === undefined ? files.delete(file) : files.set(file, text)),
      errorLog: async () => '',
    };
  };
  return {
    toolsFor,
    files: async () => files,
    running: () => running,
    plant: async (file, text) => void files.set(file, text),
    async clear() {
      files.clear();
      running = new Map();
    },
    stop: async () => undefined,
  };
}

function real({ program, config, errorLog, ownDir, places, stop }: RunningNginx): Backend {
  const plain = places.map(({ generationUrl }) => nginxTools({ url: generationUrl, dir: ownDir, program, config, errorLog }));
  let running = new Map<string, string>();
  const files = async (): Promise<Map<string, string>> =>
    new Map(await Promise.all((await readdir(ownDir)).map(async (file) => [file, await readFile(join(ownDir, file), 'utf8')] as const)));
  /** A reload that has not come to its end would be taken for one that was refused. */
  async function reload(): ReturnType<NginxTools['reload']> {
    running = await files();
    const ended = await (plain[0] as NginxTools).reload();
    const wanted = new Set([...running.values()].flatMap((text) => generationIn(text) ?? []));
    for (;;) {
      const found = new Set((await Promise.all(plain.map((tools) => tools.generation()))).filter((one) => one !== undefined));
      if (wanted.symmetricDifference(found).size === 0) return ended;
    }
  }
  return {
    toolsFor: (index) => ({ ...(plain[index] as NginxTools), reload }),
    files,
    running: () => running,
    plant: (file, text) => writeFile(join(ownDir, file), text),
    async clear() {
      for (const file of (await files()).keys()) await rm(join(ownDir, file));
      await reload();
    },
    stop,
  };
}
