import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The outcome of one experiment: what was asked, what was measured, and whether that is good enough. */
export type Outcome = { readonly id: string; readonly criterion: string; readonly figure: string; readonly passed: boolean };

const badClients = 8;
const honestPerS = 50;
const maxRatio = 1.5;
const root = join(import.meta.dirname, '../..');

/**
 * Eight clients with random tokens, as fast as they are answered, against honest callers at a steady rate, from the same address. Rounds with
 * and without them alternate, so that whatever else the machine does falls on both. Starts a Control Plane of its own.
 */
export async function badCredentials({ rounds = 6, secondsEach = 4 } = {}): Promise<Outcome> {
  const dataDir = await mkdtemp(join(tmpdir(), 'stoa-experiment-'));
  const env = { PATH: process.env['PATH'], STOA_DATA_DIR: dataDir, STOA_LISTEN: '127.0.0.1:0', STOA_LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, [join(root, 'server/main.ts')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const url = await listeningUrl(createInterface({ input: child.stderr }));
    const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
    const quiet: number[] = [];
    const attacked: number[] = [];
    let bad = 0;
    await honest(url, token, secondsEach, []);
    for (let round = 0; round < rounds; round += 1) {
      await honest(url, token, secondsEach, quiet);
      const attack = new AbortController();
      const attackers = Array.from({ length: badClients }, () => attackUntil(url, attack.signal, () => (bad += 1)));
      await honest(url, token, secondsEach, attacked);
      attack.abort();
      await Promise.all(attackers);
    }
    const [before, during] = [percentile(quiet, 0.99), percentile(attacked, 0.99)];
    const ratio = during / before;
    return {
      id: 'bad-credentials',
      criterion: `${badClients} clients with random tokens cost honest callers < ${maxRatio} × p99`,
      figure: `${ratio.toFixed(2)} × (p99 ${before.toFixed(1)} ms without, ${during.toFixed(1)} ms with them, who got ${bad} refusals)`,
      passed: ratio < maxRatio,
    };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function listeningUrl(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('The Control Plane ended before it listened.');
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Milliseconds until the answer was whole. */
function ask(url: string, token: string, expected: number): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/v1/gateways`, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === expected) resolve(performance.now() - startedAt);
        else reject(new Error(`An answer was ${response.statusCode} and not ${expected}.`));
      });
    });
    sent.once('error', reject).end();
  });
}

/** Asks at a steady rate, whether or not earlier questions are answered: a slow server must not be asked less. */
async function honest(url: string, token: string, seconds: number, into: number[]): Promise<void> {
  const asked: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < seconds * honestPerS; index += 1) {
    const waitMs = startedAt + (index * 1000) / honestPerS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    asked.push(ask(url, token, 200).then((ms) => into.push(ms)));
  }
  await Promise.all(asked);
}

async function attackUntil(url: string, signal: AbortSignal, count: () => void): Promise<void> {
  while (!signal.aborted) {
    await ask(url, `stoa_op_${randomBytes(32).toString('base64url')}`, 401);
    count();
  }
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

if (import.meta.main) console.log(JSON.stringify(await badCredentials(), null, 2));
