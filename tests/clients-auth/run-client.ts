import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** What a client says, a line of JSON at a time. It is answered where its person came back to, and told when its first token has ended. */
type Line = { sign_in?: string; tools?: string[]; first?: string; token?: string; results?: string[] };

export type Conversation = {
  readonly command: readonly string[];
  readonly url: string;
  /** Lets the client in at its issuer; answers where the browser is sent back to. */
  readonly letIn: (url: string) => Promise<string>;
  /** How long the issuer's tokens live. */
  readonly tokenMs: number;
};

const longestMs = 420_000;

/** Has a client sign in once, call, and call in parallel when its first token has ended. Throws with what went otherwise. */
export async function runClient({ command: [program = '', ...args], url, letIn, tokenMs }: Conversation): Promise<void> {
  const at = args.findIndex((arg) => /\.(?:py|ts)$/.test(arg)) + 1;
  const child = spawn(program, [...args.slice(0, at), url, ...args.slice(at)], { stdio: ['pipe', 'pipe', 'pipe'], timeout: longestMs });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-3000)));
  child.stdin.on('error', () => undefined);
  const told: Line[] = [];
  try {
    for await (const text of createInterface({ input: child.stdout })) {
      if (!text.startsWith('{')) continue;
      const line = JSON.parse(text) as Line;
      told.push(line);
      if (line.sign_in !== undefined) child.stdin.write(`${await letIn(line.sign_in)}\n`);
      if (line.tools !== undefined) {
        await delay(tokenMs + 1000);
        if (line.token !== undefined) assert.equal(await statusWith(url, line.token), 401, 'the first token has not ended');
        child.stdin.write('its end\n');
      }
    }
    await ended;
    judge(told);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${errors}`.trim(), { cause: error });
  } finally {
    child.kill('SIGKILL');
  }
}

function judge(told: readonly Line[]): void {
  const one = told.find(({ tools }) => tools !== undefined);
  assert.deepEqual(one?.tools, ['things_getThing'], 'it does not see the tools');
  assert.match(one.first ?? '', /42/, 'its first call failed');
  const results = told.find((line) => line.results !== undefined)?.results ?? [];
  assert.deepEqual(
    results.filter((text) => !text.includes('42')),
    [],
    'of its calls across the end of the token some failed',
  );
  assert.equal(results.length, 4, 'it made no calls across the end of the token');
  assert.equal(told.filter((line) => line.sign_in !== undefined).length, 1, 'its person was asked more than once');
}

async function statusWith(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const response = await fetch(url, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' });
  await response.body?.cancel();
  return response.status;
}
