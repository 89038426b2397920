import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ExpectedError } from './errors.ts';
import { closeGracefully, listen } from './listen.ts';

const servers: Server[] = [];
function server(handler?: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const made = createServer(handler ?? ((_request, response) => void response.end('ok')));
  servers.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(servers.splice(0).map((each) => closeGracefully(each, 0)));
});

describe('listen', () => {
  it('answers a URL that can be called, also for a wildcard address', async () => {
    const url = await listen(server(), { host: '0.0.0.0', port: 0 });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(url)).text()).toBe('ok');
  });

  it('says in one sentence that a port is taken, and which setting to change', async () => {
    const port = Number(new URL(await listen(server(), { host: '127.0.0.1', port: 0 })).port);
    const failure = await listen(server(), { host: '127.0.0.1', port }, 'STOA_GATEWAY_LISTEN').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ExpectedError);
    expect((failure as Error).message).toBe(`Port ${port} on 127.0.0.1 is taken: stop the program that holds it, or change STOA_GATEWAY_LISTEN.`);
  });
});

it('has room for a fleet that connects at once', async () => {
  const subject = server();
  const asked = vi.spyOn(subject, 'listen');
  await listen(subject, { host: '127.0.0.1', port: 0 });
  expect(asked.mock.calls[0]?.[0]).toMatchObject({ backlog: 4096 });
});

describe('closeGracefully', () => {
  it('lets a request in flight finish, then closes its kept-alive connection', async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const subject = server((_request, response) => arrived.resolve(response));
    const url = await listen(subject, { host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true });
    const answered = once(get(url, { agent }), 'response');
    const response = await arrived.promise;
    const closed = closeGracefully(subject, 20_000);
    response.end('late');
    const [answer] = (await answered) as [IncomingMessage];
    answer.resume();
    await closed;
    expect(answer.statusCode).toBe(200);
    agent.destroy();
  });

  it('does not wait for a connection that was opened ahead and never used', async () => {
    const subject = server();
    const url = await listen(subject, { host: '127.0.0.1', port: 0 });
    const accepted = once(subject, 'connection');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const ended = once(socket, 'close');
    await accepted;
    // The grace is longer than the test may take: only a server that closes the connection itself gets here.
    await closeGracefully(subject, 3_600_000);
    await ended;
  });

  it('ends the connection of a client that asks again at once, with the answer that it has', async () => {
    const arrived = Promise.withResolvers<ServerResponse>();
    const subject = server((_request, response) => arrived.resolve(response));
    const url = await listen(subject, { host: '127.0.0.1', port: 0 });
    const agent = new Agent({ keepAlive: true });
    const answered = once(get(url, { agent }), 'response');
    const response = await arrived.promise;
    const closed = closeGracefully(subject, 3_600_000);
    response.end('news');
    const [answer] = (await answered) as [IncomingMessage];
    answer.resume();
    expect(answer.headers.connection).toBe('close');
    await closed;
    agent.destroy();
  });

  it('cuts what is left after the grace, and is content with a server that does not listen', async () => {
    const arrived = Promise.withResolvers<void>();
    const subject = server(() => arrived.resolve());
    const url = await listen(subject, { host: '127.0.0.1', port: 0 });
    const request = get(url);
    const failed = once(request, 'error').catch((error: unknown) => error);
    await arrived.promise;
    await closeGracefully(subject, 1);
    await failed;
    await closeGracefully(subject, 1);
  });
});

describe('onShutdown', () => {
  const moduleUrl = JSON.stringify(new URL('./listen.ts', import.meta.url).href);
  async function start(handler: string, options = '{}') {
    const script = `import { onShutdown } from ${moduleUrl}; setInterval(() => {}, 1e6); onShutdown(${handler}, ${options}); console.log('ready');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child.stdout, 'data');
    return child;
  }

  it('runs the handler at the first signal and exits with 0', async () => {
    const child = await start('async (signal) => { console.log(signal); }');
    const said = once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(String((await said)[0])).toBe('SIGTERM\n');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  it('exits at once at the second signal', async () => {
    const child = await start("() => { console.log('began'); return new Promise(() => {}); }");
    const began = once(child.stdout, 'data');
    child.kill('SIGTERM');
    await began;
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(130);
  });

  it('forces the end at the second signal, and when the handler takes too long, and lets no further signal cut that short', async () => {
    const never = "() => { console.log('began'); return new Promise(() => {}); }";
    const force = "async () => { console.log('forced'); await new Promise((resolve) => setTimeout(resolve, 200)); console.log('done'); }";
    const impatient = await start(never, `{ force: ${force} }`);
    let output = '';
    const says = async (word: string) => {
      while (!output.includes(word)) output += String((await once(impatient.stdout, 'data'))[0]);
    };
    impatient.kill('SIGTERM');
    await says('began');
    impatient.kill('SIGTERM');
    await says('forced');
    impatient.kill('SIGINT');
    await says('done');
    expect((await once(impatient, 'exit'))[0]).toBe(143);

    const late = await start(never, `{ force: ${force}, timeoutMs: 50 }`);
    let said = '';
    late.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    late.kill('SIGTERM');
    expect((await once(late, 'close'))[0]).toBe(1);
    expect(said).toBe('began\nforced\ndone\n');
  });

  it('exits with 1 when the handler fails', async () => {
    const child = await start("() => Promise.reject(new Error('stuck'))");
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(1);
  });
});
