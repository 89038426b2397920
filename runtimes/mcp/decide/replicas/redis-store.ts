import { hash, randomUUID } from 'node:crypto';
import type * as redis from '@redis/client';
import type { Secret } from '@stoa/lib/settings.ts';
import { beatScript, leaseScript, proofScript } from './lease-script.ts';
import type { RedisPlace } from './redis-url.ts';
import { livenessMs } from './store.ts';
import type { LeaseAnswer, LeaseQuestion, LeaseStore, ProofStore, ReplicaStanding } from './store.ts';

export type RedisStoreOptions = {
  readonly place: RedisPlace;
  /** In place of the one in the URL. Read anew for each connection, so that it may be changed in its file. */
  readonly password?: Secret | undefined;
  /** How long a connection or an answer may take. */
  readonly timeoutMs: number;
  /** Which replicas count together: their environment. A policy may guard in several, and counts in each by itself. */
  readonly group: string;
  /** What its keys begin with, so that tenants share a Redis and know nothing of each other; `stoa` when absent. */
  readonly prefix?: string | undefined;
};

/** As far as it is used; one server, a cluster and a primary behind sentinels are called alike. */
type Client = {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: () => void): unknown;
};

const shaOf = (script: string): string => hash('sha1', script);
const scripts = {
  lease: { text: leaseScript, sha: shaOf(leaseScript) },
  beat: { text: beatScript, sha: shaOf(beatScript) },
  proof: { text: proofScript, sha: shaOf(proofScript) },
};

/** Counts in Redis 6 or newer, or Valkey. */
export class RedisStore implements LeaseStore, ProofStore {
  readonly #options: RedisStoreOptions;
  /** Another one after each start, so that what was held before is nobody's. */
  readonly #replica = randomUUID();
  #client: Promise<Client> | undefined;
  #questions = 0;
  #changed: () => void = () => undefined;

  constructor(options: RedisStoreOptions) {
    this.#options = options;
  }

  async lease({ name, limit, want, waiting, replicas, claim, claimedEnd, claimedMs, window }: LeaseQuestion): Promise<LeaseAnswer> {
    this.#questions += 1;
    const [lengthMs, startsMs, endsMs] = 'lengthMs' in window ? [window.lengthMs, 0, 0] : [0, window.startsMs, window.endsMs];
    const numbers = [this.#questions, limit, want, waiting, replicas, claim, claimedEnd, Math.floor(claimedMs), lengthMs, startsMs, endsMs];
    const key = this.#keyOf('limit', name);
    const [first = 0, total, end = 0, leftMs = 0, counts, nowMs = 0] = await this.#run('lease', key, [this.#replica, ...numbers]);
    if (total === undefined) return { kind: 'elsewhen', nowMs: first };
    return { kind: 'counted', mine: first, total, end, leftMs, claimCounts: counts === 1, nowMs };
  }

  async beat(isLeaving = false): Promise<ReplicaStanding> {
    const [replicas = 1, rank = 0, nowMs = 0] = await this.#run('beat', this.#keyOf('replicas'), [this.#replica, isLeaving ? 0 : livenessMs]);
    return { replicas, rank, nowMs };
  }

  async claimProof(proof: string, claimant: string, forMs: number): Promise<boolean> {
    const [mine] = await this.#run('proof', this.#keyOf('proof', proof), [claimant, Math.ceil(forMs)]);
    return mine === 1;
  }

  #keyOf(...[kind, ...names]: string[]): string {
    const { prefix = 'stoa', group } = this.#options;
    return [prefix, kind, group, ...names].join(':');
  }

  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  close(): void {
    const client = this.#client;
    this.#client = undefined;
    client?.then((one) => one.destroy()).catch(() => undefined);
  }

  /** A connection that broke says nothing about Redis: what was asked is asked once more over another. */
  async #run(name: keyof typeof scripts, key: string, values: readonly (string | number)[]): Promise<readonly number[]> {
    const client = this.#client;
    try {
      return await this.#runOnce(name, key, values);
    } catch (error) {
      if (client === undefined || error instanceof TooSlow) throw error;
      const answer = await this.#runOnce(name, key, values);
      this.#changed();
      return answer;
    }
  }

  async #runOnce(name: keyof typeof scripts, key: string, values: readonly (string | number)[]): Promise<readonly number[]> {
    const { text, sha } = scripts[name];
    // What this machine takes to read it is no time that Redis takes to answer.
    await loadLibrary();
    const opening = (this.#client ??= this.#open());
    const options = { keys: [key], arguments: values.map(String) };
    try {
      return await this.#inTime(opening.then((client) => evaluate(client, text, sha, options)));
    } catch (error) {
      // Whatever it was: what is asked next shall not stand behind it, nor go to a server that another has taken the place of.
      if (this.#client === opening) this.close();
      throw error;
    }
  }

  async #open(): Promise<Client> {
    const { place, password, timeoutMs } = this.#options;
    await password?.reread();
    const clients = clientsOf(await loadLibrary(), place, password?.reveal() ?? place.password, timeoutMs);
    // The three are called alike as far as they are called here.
    if (place.kind === 'cluster') return await connected(clients.cluster());
    // The library's own way by sentinels goes on by itself after it was given up.
    const node = place.kind === 'sentinel' ? await primaryBySentinels(place, clients.sentinel) : (place.nodes[0] as Node);
    return await connected(clients.server(node));
  }

  #inTime<Result>(work: Promise<Result>): Promise<Result> {
    const { timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new TooSlow(`Redis has not answered within ${timeoutMs} ms.`)), timeoutMs);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

class TooSlow extends Error {}

/** Where it is used: whoever counts alone does not pay for it. */
const loadLibrary = (): Promise<Library> => import('@redis/client');

type Evaluation = Parameters<Client['eval']>[1];

async function evaluate(client: Client, text: string, sha: string, options: Evaluation): Promise<readonly number[]> {
  try {
    return (await client.evalSha(sha, options)) as number[];
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
    return (await client.eval(text, options)) as number[];
  }
}

type Library = Pick<typeof redis, 'createClient' | 'createCluster'>;
type Node = RedisPlace['nodes'][number];

/** Without what the library would do by itself when a connection is lost: then there is a new client. */
function clientsOf(library: Library, place: RedisPlace, password: string | undefined, timeoutMs: number) {
  const { username, database, isTls } = place;
  const login = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const socketTo = (node?: Node) => ({ connectTimeout: timeoutMs, reconnectStrategy: false as const, ...(isTls && { tls: true as const }), ...node });
  const plain = { disableOfflineQueue: true, maintNotifications: 'disabled' as const, disableClientInfo: true };
  return {
    server: (node: Node) => library.createClient({ ...plain, ...login, RESP: 2, database, socket: socketTo(node) }),
    /** They know where the primary is, and nothing of its users. */
    sentinel: (node: Node) => library.createClient({ ...plain, RESP: 2, socket: socketTo(node) }),
    cluster: () => {
      const defaults = { ...plain, ...login, socket: socketTo() };
      return library.createCluster({ RESP: 2, rootNodes: place.nodes.map((node) => ({ ...defaults, socket: socketTo(node) })), defaults });
    },
  };
}

/** What went wrong is told by the question that it went wrong for. */
async function connected<One extends Pick<Client, 'on' | 'connect' | 'destroy'>>(client: One): Promise<One> {
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** Where the first sentinel that knows says that the primary is. */
async function primaryBySentinels({ nodes, master }: RedisPlace, sentinelAt: ReturnType<typeof clientsOf>['sentinel']): Promise<Node> {
  const faults: string[] = [];
  for (const node of nodes) {
    try {
      const sentinel = await connected(sentinelAt(node));
      const told = await sentinel
        .sendCommand<readonly string[] | null>(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master])
        .finally(() => sentinel.destroy());
      const [host, port] = told ?? [];
      if (host !== undefined) return { host, port: Number(port) };
      faults.push(`${node.host} knows no primary ${master}`);
    } catch (error) {
      faults.push(`${node.host}: ${(error as Error).message}`);
    }
  }
  throw new Error(`No sentinel says where Redis is: ${faults.join('; ')}.`);
}
