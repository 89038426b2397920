import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Cost = { readonly cpuMs: number; readonly status: number; readonly answerBytes: number };

/** Run by another process, so that what it costs to send is not counted. Each line on its stdin sends the request once. */
const client = `
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
const [port, head, make] = process.argv.slice(1);
const body = Buffer.from(new Function('return ' + make)());
createInterface({ input: process.stdin }).on('line', () => {
  const socket = connect(Number(port), '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => (received += chunk));
  socket.on('close', () => console.log(JSON.stringify({ status: Number(received.split(' ')[1]), answerBytes: received.length })));
  socket.write(head + 'Connection: close\\r\\nContent-Length: ' + body.length + '\\r\\n\\r\\n');
  socket.write(body);
});`;

/**
 * What a request costs this process in CPU: the program at `url` must run in this very process and do nothing else. It is sent until it cost
 * less than `limitMs`, `rounds` times at most, for on a busy machine the cheapest round is the nearest to the truth. `head` are its lines
 * without a length, each ended; `make` is a JavaScript expression for its body.
 */
export async function cpuCosts(url: string, head: string, make: string, limitMs: number, rounds = 15): Promise<Cost[]> {
  const { port } = new URL(url);
  const child = spawn(process.execPath, ['--input-type=module', '-e', client, port, head, make], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const costs: Cost[] = [];
  for (let round = 0; round < rounds && (costs.at(-1)?.cpuMs ?? limitMs) >= limitMs; round += 1) {
    const answered = once(lines, 'line') as Promise<[string]>;
    child.stdin.write('\n');
    const before = process.cpuUsage();
    const [line] = await answered;
    const { user, system } = process.cpuUsage(before);
    costs.push({ cpuMs: (user + system) / 1000, ...(JSON.parse(line) as { status: number; answerBytes: number }) });
  }
  child.stdin.end();
  await once(child, 'close');
  return costs;
}
