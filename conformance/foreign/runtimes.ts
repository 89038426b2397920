import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Bench, runtimeKinds } from '@stoa/contract-tests/subjects/runtime.ts';
import type { RuntimeKind } from '@stoa/contract-tests/subjects/runtime.ts';

const key = 'stoa_gk_of-the-foreign-control-plane';
const withinMs = 60_000;
type Line = { url?: string; call?: string; status?: number };

/** Starts the Control Plane of somebody else; `lines` has what it told of its calls. */
async function startStub(command: string, keyFile: string): Promise<{ url: string; next: () => Promise<Line>; end: () => void }> {
  const stub = spawn(command, { env: { ...process.env, STOA_GATEWAY_KEY_FILE: keyFile }, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: stub.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Line> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('The foreign Control Plane ended.');
    return JSON.parse(value) as Line;
  };
  await once(stub, 'spawn');
  return { url: (await next()).url ?? '', next, end: () => void stub.kill() };
}

/** One registration and two heartbeats, and nothing that is refused but what a server of the ADR alone does not have. */
async function lives(kind: RuntimeKind, command: string, directory: string): Promise<void> {
  const keyFile = join(directory, `key-${kind.name}`);
  await writeFile(keyFile, key, { mode: 0o600 });
  const stub = await startStub(command, keyFile);
  const timer = setTimeout(stub.end, withinMs);
  try {
    await Bench.with(kind, async (bench) => {
      await bench.start({ controlPlaneUrl: stub.url, key });
      const seen = { register: 0, heartbeat: 0 };
      while (seen.heartbeat < 2) {
        const { call = '', status = 0 } = await stub.next();
        const name = call.split('/').at(-1) as keyof typeof seen;
        if (!(name in seen)) continue;
        if (status !== 200) throw new Error(`${call} was answered ${status}.`);
        seen[name] += 1;
      }
      if (seen.register !== 1) throw new Error(`It registered ${seen.register} times.`);
    });
  } finally {
    clearTimeout(timer);
    stub.end();
  }
}

const directory = await mkdtemp(join(tmpdir(), 'stoa-foreign-'));
try {
  const command = join(import.meta.dirname, 'control_plane.py');
  const results = await Promise.all(
    Object.values(runtimeKinds).map(async (kind) => {
      const failure = await lives(kind, command, directory).then(
        () => undefined,
        (error: Error) => error.message,
      );
      process.stdout.write(
        `${failure === undefined ? 'passed ' : 'failed '} our ${kind.name} at the foreign Control Plane${failure === undefined ? '' : `: ${failure}`}\n`,
      );
      return failure;
    }),
  );
  process.exitCode = results.some((failure) => failure !== undefined) ? 1 : 0;
} finally {
  await rm(directory, { recursive: true });
}
