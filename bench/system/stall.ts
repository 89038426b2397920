import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Stall } from './stall-probe.ts';

/** What a program is started with for its stalls to be seen. */
export function withStallProbe(dir: string, name: string): { socket: string; args: string[]; env: Record<string, string> } {
  const socket = join(dir, `${name}.stall`);
  return { socket, args: ['--import', join(import.meta.dirname, 'stall-probe.ts')], env: { BENCH_STALL_SOCKET: socket } };
}

/** Watches the event loop of a program while something is done; answers its longest turn. */
export async function longestStall(socketPath: string, act: () => Promise<void>): Promise<Stall> {
  const socket = connect(socketPath);
  await once(socket, 'data');
  await act();
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString()));
  socket.write('.');
  await once(socket, 'end');
  return JSON.parse(text) as Stall;
}
