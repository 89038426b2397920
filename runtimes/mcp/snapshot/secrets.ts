import { readFileSync } from 'node:fs';
import { hash } from 'node:crypto';

/** Secrets for upstreams that this runtime has by name in its own settings. */
export type RuntimeSecrets = {
  /**
   * The secret of a name, for who is at one of these hosts (`host` or `host:port`).
   * @throws Error whose message is a sentence: there is none, it cannot be read, or it is not for a host
   */
  read(name: string, hosts: readonly string[]): string;
  /** Whether something that was asked for says otherwise now than it did. */
  haveChanged(): boolean;
  /** Runs what asks for everything that is still wanted, so that the rest is watched no more. */
  askedAnew<Result>(ask: () => Promise<Result>): Promise<Result>;
};

type Source = { readonly kind: 'file' | 'env'; readonly place: string; readonly host: string | undefined };

const form = /^(?<kind>file|env):(?<place>[^@]+)(?:@(?<host>[a-z0-9*.:[\]-]+))?$/;
export const secretName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const maxBytes = 64 * 1024;

/** Why these are no sources of secrets, as the end of a sentence; undefined when they are. */
export function secretSourcesFault(sources: Readonly<Record<string, string>>): string | undefined {
  for (const [name, source] of Object.entries(sources)) {
    if (!secretName.test(name)) return `must hold entries whose names are 1 to 63 lower-case letters, digits or "-", which ${name} is not`;
    if (!form.test(source))
      return `must hold entries such as orders-key=file:/run/secrets/orders or crm-key=env:CRM_KEY@*.example.com, which that of ${name} is not`;
  }
  return undefined;
}

/** Read anew whenever one is asked for: a file may have been replaced. */
export function runtimeSecrets(sources: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = process.env): RuntimeSecrets {
  const asked = new Map<string, string>();
  const contentOf = (name: string): string => {
    const content = readSource(name, sourceOf(sources, name), env);
    asked.set(name, digestOf(content));
    return content;
  };
  return {
    read(name, hosts) {
      // Also of what is refused below: what is not there may come.
      asked.set(name, nowOf(name));
      const { host } = sourceOf(sources, name);
      const other = host === undefined ? undefined : hosts.find((each) => !fits(host, each));
      if (other !== undefined) throw new Error(`The secret ${name} of this runtime is for ${host}, and not for ${other}.`);
      return contentOf(name);
    },
    haveChanged: () => [...asked].some(([name, digest]) => nowOf(name) !== digest),
    async askedAnew(ask) {
      const before = [...asked];
      asked.clear();
      try {
        return await ask();
      } catch (error) {
        for (const [name, digest] of before) asked.set(name, digest);
        throw error;
      }
    },
  };

  function nowOf(name: string): string {
    try {
      return digestOf(readSource(name, sourceOf(sources, name), env));
    } catch {
      return '';
    }
  }
}

/** Of a runtime that has none. */
export const noSecrets: RuntimeSecrets = runtimeSecrets({});

const digestOf = (content: string): string => hash('sha256', content, 'base64');

function sourceOf(sources: Readonly<Record<string, string>>, name: string): Source {
  const groups = Object.hasOwn(sources, name) ? form.exec(sources[name] ?? '')?.groups : undefined;
  if (groups === undefined) throw new Error(`This runtime has no secret ${name}: add it to its STOA_UPSTREAM_SECRETS.`);
  return { kind: groups['kind'] as Source['kind'], place: groups['place'] ?? '', host: groups['host'] };
}

function readSource(name: string, { kind, place }: Source, env: NodeJS.ProcessEnv): string {
  const content = kind === 'env' ? env[place] : readFile(name, place);
  const text = content?.trim() ?? '';
  if (text === '')
    throw new Error(`The secret ${name} of this runtime is ${kind === 'env' ? `the variable ${place}, which is not set` : 'an empty file'}.`);
  return text;
}

function readFile(name: string, path: string): string {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > maxBytes) throw new Error('it is too long');
    return bytes.toString('utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`The secret ${name} of this runtime cannot be read: ${code ?? message}.`, { cause: error });
  }
}

/** `*.example.com` is for every host below it; one without a port is for every port. */
function fits(pattern: string, host: string): boolean {
  const bare = /:\d+$/.test(pattern) ? host : host.replace(/:\d+$/, '');
  return pattern.startsWith('*.') ? bare.endsWith(pattern.slice(1)) : bare === pattern;
}
