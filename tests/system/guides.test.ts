import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase } from '@stoa/server/testing/test-database.ts';
import { freePorts, makeStateDir, startSystem } from './running-system.ts';
import type { RunningSystem } from './running-system.ts';

const root = join(import.meta.dirname, '../..');
const guides = readdirSync(join(root, 'docs/guides')).filter((name) => name.endsWith('.md'));
const guideMs = 240_000;

/** A program of others that a guide is about. Who has not got it reads the guide without this test. */
function needs(guide: string): { program: string; remedy: string; isThere: boolean } | undefined {
  const [, program, remedy] = /^<!-- needs (\S+): (.+) -->$/m.exec(readFileSync(join(root, 'docs/guides', guide), 'utf8')) ?? [];
  if (program === undefined || remedy === undefined) return undefined;
  return { program, remedy, isThere: spawnSync('which', [program]).status === 0 };
}

type Block = { guide: string; line: number; text: string; notRun: string | undefined };

/** The shell blocks of a guide. `<!-- not run: a reason -->` on the line before one leaves it out. */
function blocksOf(guide: string): Block[] {
  const lines = readFileSync(join(root, 'docs/guides', guide), 'utf8').split('\n');
  return lines.flatMap((start, index) => {
    if (start !== '```sh') return [];
    const before = lines.slice(0, index).findLast((line) => line.trim() !== '') ?? '';
    const end = lines.indexOf('```', index);
    return [{ guide, line: index + 2, text: lines.slice(index + 1, end).join('\n'), notRun: /^<!-- not run: (.+) -->$/.exec(before)?.[1] }];
  });
}

let system: RunningSystem;
let state: Awaited<ReturnType<typeof makeStateDir>>;
let place = '';
/** What a guide says, and what it is here: its ports may be taken, and its database is another. */
let elsewhere: [pattern: RegExp, here: string][] = [];
beforeAll(async () => {
  const [ports, more] = [await freePorts(), Object.values(await freePorts())];
  state = await makeStateDir();
  system = await startSystem(state.path, ports);
  const names = { CONTROL_PLANE_PORT: 8080, GATEWAY_PORT: 8081, LINK_PORT: 8082, CONNECT_PORT: 8083, ORDERS_PORT: 8084, KONG_ADMIN_PORT: 8085 };
  const moved = Object.entries({ ...names, KONG_PROXY_PORT: 8086, SUPPORT_PORT: 8087 }).map(
    ([name, port]) => [port, ports[name as keyof typeof ports]] as const,
  );
  const spare = more.map((port, index) => [8090 + index, port] as const);
  elsewhere = [...moved, ...spare].map(([port, here]) => [new RegExp(`(?<=[:=] ?|--port |-p )${port}\\b`, 'g'), here]);
  elsewhere.push([/postgres:\/\/postgres@127\.0\.0\.1:5432\/stoa/g, await createTestDatabase()]);
  // A folder like the repository's, in which a guide may make files.
  place = mkdtempSync(join(tmpdir(), 'stoa-guides-'));
  for (const name of ['bin', 'dist', 'docs', 'node_modules']) symlinkSync(join(root, name), join(place, name));
  cpSync(join(root, 'examples'), join(place, 'examples'), { recursive: true });
  symlinkSync(state.path, join(place, '.stoa'));
});
afterAll(async () => {
  await system?.interrupt();
  await state.remove();
  rmSync(place, { recursive: true, force: true });
});

const here = (text: string, changes: [RegExp, string][] = []) => [...changes, ...elsewhere].reduce((now, [from, to]) => now.replace(from, to), text);

/** Types blocks into one shell, as a reader does, who stops at the first command that fails. */
async function type(blocks: readonly Block[], changes: [RegExp, string][] = []): Promise<{ failed: string | undefined; output: string }> {
  const steps = blocks.map((block) => `echo "@@ ${block.guide}:${block.line}"\n${here(block.text, changes)}\n`);
  const script = join(place, '.script.sh');
  writeFileSync(script, `set -eo pipefail\n${steps.join('')}echo "@@ end"\n`);
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` };
  const shell = spawn('bash', [script], { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // The group, and with it what a guide left running in the background.
  const end = () => process.kill(-(shell.pid ?? 0), 'SIGKILL');
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end();
  }, guideMs);
  const [code] = (await once(shell, 'exit')) as [number | null];
  clearTimeout(timer);
  try {
    end();
  } catch {
    // Nothing was left.
  }
  const at = /^@@ (.+)$/m.exec(output.slice(output.lastIndexOf('@@ ')))?.[1];
  if (code === 0 && at === 'end') return { failed: undefined, output };
  const block = blocks.find(({ guide, line }) => at === `${guide}:${line}`);
  const said = output.slice(output.lastIndexOf('@@ ')).slice(-3000);
  return { failed: `docs/guides/${at} ${late ? 'did not end' : `failed with ${code}`}:\n\n${block?.text}\n\nIt said:\n${said}`, output };
}

/** An answer of ours that refuses something. */
const problem = /"title":"[^"]*","status":[45]\d\d/;

describe.each(guides)('docs/guides/%s', (guide) => {
  const blocks = blocksOf(guide);

  it('says of each block that a test cannot run why not', () => {
    expect(blocks.filter(({ notRun }) => notRun !== undefined && notRun.length < 20)).toEqual([]);
  });

  const needed = needs(guide);
  const lacks = needed?.isThere === false ? `${needed.program} is not installed: ${needed.remedy}` : undefined;
  it.skipIf(lacks === undefined || process.env['CI'] !== 'true')('has the program that it is about', () => {
    throw new Error(lacks);
  });

  it.skipIf(lacks !== undefined || blocks.every(({ notRun }) => notRun !== undefined))(
    lacks ?? 'does what it says, block by block',
    async () => {
      const { failed, output } = await type(blocks.filter(({ notRun }) => notRun === undefined));
      expect(failed).toBeUndefined();
      const refused = output.split(/^@@ /m).filter((part) => problem.test(part));
      expect(refused).toEqual([]);
    },
    guideMs + 10_000,
  );
});

describe('docs/guides/operate.md without a database', () => {
  it('ends with the reason, and leaves the master key that was there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const nobody = `postgres://postgres@127.0.0.1:${(server.address() as AddressInfo).port}/stoa`;
    await once(server.close(), 'close');
    const key = join(place, 'master.key');
    writeFileSync(key, `${Buffer.alloc(32, 5).toString('base64')}\n`);
    const before = readFileSync(key, 'utf8');
    const start = blocksOf('operate.md').filter(({ text }) => text.includes('DATABASE_URL=') && !text.includes(' check'));
    expect(start.length).toBeGreaterThan(0);
    rmSync(join(place, 'stoa-data'), { recursive: true, force: true });
    const { failed } = await type(start, [[/postgres:\/\/postgres@127\.0\.0\.1:5432\/stoa/g, nobody]]);
    expect(failed).toMatch(/failed with 1[\s\S]*cannot be reached/);
    expect(readFileSync(key, 'utf8')).toBe(before);
    expect(existsSync(join(place, 'stoa-data/admin-token'))).toBe(false);
  });
});
