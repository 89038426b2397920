import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { readIfPresent, removeFile, writeDurably } from '@stoa/lib/durable-file.ts';
import { AdminError } from '../../engine/admin-error.ts';
import { createAdminHttp } from '../../engine/admin-http.ts';
import { isRecord } from '../../engine/compare.ts';
import type { AdapterOptions } from '../../engine/model.ts';
import type { EnvoyJson } from './guards.ts';
import { files, routesName } from './model.ts';
import type { ListenerQuestion } from './model.ts';
import { probeName } from './probe-host.ts';
import { parsed, readings } from './reading.ts';

export type ListenerAnswer = { readonly status: number; readonly text: string };

/** What Envoy says of one of its files. */
export type Taken = {
  /** Of what it took last. */
  readonly version: string | undefined;
  /** How often it refused one, by two counters. */
  readonly refused: number;
};
export type Taking = {
  readonly clusters: Taken;
  readonly routes: Taken;
  /** Fields that it did not know, and left at their defaults. */
  readonly unknown: number;
};

/** What an Envoy on this machine is worked on with. */
export type EnvoyTools = {
  /** @throws AdminError where its admin API does not answer, or is of another version. */
  server(signal?: AbortSignal): Promise<{ readonly version: string; readonly refusesUnknown: boolean }>;
  /** The listeners that it was started with. */
  listeners(signal?: AbortSignal): Promise<readonly EnvoyJson[]>;
  taking(signal?: AbortSignal): Promise<Taking>;
  /** What its admin API says there, whatever the status. */
  tell(path: string, signal?: AbortSignal): Promise<ListenerAnswer>;
  /** Asks the listener, over a connection of its own, by the name of the probes; undefined where nobody answers. */
  ask(path: string, question?: ListenerQuestion, signal?: AbortSignal): Promise<ListenerAnswer | undefined>;
  read(file: string): Promise<string | undefined>;
  /** Puts a file there whole, or takes it away. */
  put(file: string, text: string | undefined): Promise<void>;
  /** Puts back what was there. */
  putBack(file: string, text: string | undefined): Promise<void>;
  close(): void;
};

type Options = Pick<AdapterOptions, 'url' | 'proxies' | 'clientCertificate' | 'credential'> & { readonly dir: string; readonly listener: string };

const oldest = [1, 40] as const;
/** A listener and its chains: some kilobytes each. */
const maxBytes = 16 * 1024 * 1024;

export function envoyTools(options: Options): EnvoyTools {
  const { dir, listener, credential } = options;
  const base = options.url.replace(/\/+$/, '');
  const http = createAdminHttp({ ...options, api: "Envoy's admin API", timeoutMs: 10_000, maxBytes, connections: 2 });

  function tell(path: string, signal?: AbortSignal): Promise<ListenerAnswer> {
    const headers = credential && { [credential.header]: credential.value.reveal() };
    return http.send({ method: 'GET', url: base + path, headers, signal });
  }

  async function get(path: string, signal?: AbortSignal): Promise<string> {
    const { status, text } = await tell(path, signal);
    if (status === 200) return text;
    throw new AdminError(
      status === 401 || status === 403 ? 'unauthorized' : 'unavailable',
      `Envoy's admin API answered ${status} to ${path.split('?')[0]}.`,
      { status },
    );
  }

  async function json(path: string, signal?: AbortSignal): Promise<EnvoyJson> {
    const value = parsed(await get(path, signal));
    if (value === undefined)
      throw new AdminError('invalid_answer', `The answer to GET ${path.split('?')[0]} is not JSON: is STOA_TARGET_GATEWAY_URL Envoy's admin API?`);
    return value;
  }

  return {
    async server(signal) {
      const { version: told, command_line_options: given } = await json('/server_info', signal);
      const [, version, major = 0, minor = 0] = /\/((\d+)\.(\d+)\.[\w.-]{1,30})\//.exec(String(told)) ?? [];
      if (version === undefined)
        throw new AdminError('invalid_answer', 'GET /server_info tells no version of an Envoy: is STOA_TARGET_GATEWAY_URL its admin API?');
      if (Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]))
        throw new AdminError(
          'unsupported',
          `It is Envoy ${version}, and Connect knows ${oldest.join('.')} and newer: an older one leaves out of a policy what it does not know.`,
        );
      return { version, refusesUnknown: isRecord(given) && given['reject_unknown_dynamic_fields'] === true };
    },
    async listeners(signal) {
      const { configs } = await json('/config_dump?resource=static_listeners', signal);
      return (Array.isArray(configs) ? configs : []).flatMap((one: unknown) => (isRecord(one) && isRecord(one['listener']) ? [one['listener']] : []));
    },
    async taking(signal) {
      const wanted = `^(cluster_manager\\.cds|http\\..*\\.rds\\.${routesName})\\.(version_text|update_rejected|update_failure)$|^server\\.dynamic_unknown_fields$`;
      return takingIn(await get(`/stats?filter=${encodeURIComponent(wanted)}`, signal));
    },
    tell,
    ask: (path, question, signal) => askListener(new URL(path, listener), question, signal),
    read: (file) => readIfPresent(join(dir, file)),
    put,
    putBack: put,
    close: http.close,
  };

  async function put(file: string, text: string | undefined): Promise<void> {
    try {
      if (text === undefined) return await removeFile(join(dir, file));
      await mkdir(dir, { recursive: true });
      // Envoy may run as another user of the group of the folder.
      await writeDurably(join(dir, file), text, { mode: file === files.objects ? 0o600 : 0o640 });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new AdminError('unauthorized', `${dir} cannot be written to (${code}): have it belong to the user that STOA Connect runs as.`, {
        cause: error,
      });
    }
  }
}

/** A listener in several chains has the routes several times, and one version where all of them took it. */
export function takingIn(text: string): Taking {
  const values = readings(text);
  const of = (...ends: readonly string[]): string[] => values.flatMap(([name, value]) => (ends.some((end) => name.endsWith(end)) ? [value] : []));
  const sum = (numbers: readonly string[]): number => numbers.reduce((all, value) => all + Number(value), 0);
  const taken = (source: string): Taken => {
    const versions = [...new Set(of(`${source}.version_text`))];
    return { version: versions.length === 1 ? versions[0] : undefined, refused: sum(of(`${source}.update_rejected`, `${source}.update_failure`)) };
  };
  return { clusters: taken('.cds'), routes: taken(`.rds.${routesName}`), unknown: sum(of('.dynamic_unknown_fields')) };
}

function askListener(
  url: URL,
  { method, headers, body }: ListenerQuestion = { method: 'GET', headers: {} },
  signal?: AbortSignal,
): Promise<ListenerAnswer | undefined> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const asked = request(
      url,
      { method, agent: false, timeout: 5000, headers: { ...headers, host: probeName, connection: 'close' }, ...(signal && { signal }) },
      (response) => {
        readText(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, text: text.slice(0, 64) }),
          () => resolve(undefined),
        );
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end(body);
  });
}
