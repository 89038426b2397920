import { describe, expect, it } from 'vitest';
import { configOf } from '../../testing/fixtures.ts';
import { agent, bearer, credential, openingRest, upgrade } from './testing/fixture.ts';

const { upstream, open, orders } = openingRest();

describe('one connection to an upstream carries no request within another', () => {
  it.each(['Content-Length: 5', 'Transfer-Encoding: chunked'])(
    'a request for WebSocket with %s is refused: nobody would read that body',
    async (line) => {
      const { port } = await open(configOf(orders(), agent));
      const { head, socket } = await upgrade(port, `${credential}${line}\r\n`);
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      socket.destroy();
      expect(upstream.seen).toEqual([]);
    },
  );

  it('a request for WebSocket goes on without a length, on a connection that carries nothing after it', async () => {
    upstream.takesUpgrades(false);
    const { port, ask } = await open(configOf(orders(), agent));
    await ask('/apis/orders/orders/1');
    const { head, socket } = await upgrade(port, `${credential}Content-Length: 0\r\n`);
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
    await ask('/apis/orders/orders/2');
    await ask('/apis/orders/orders/3');
    const [first, second, third, fourth] = upstream.seen;
    expect(second?.headers).toMatchObject({ upgrade: 'websocket' });
    expect(second?.headers).not.toHaveProperty('content-length');
    expect([first, third, fourth].map((each) => each?.socket === second?.socket)).toEqual([false, false, false]);
  });
});

describe('an upstream that answers what it may not', () => {
  const saying = (lines: string) => {
    upstream.respond = (_request, response) => void response.socket?.end(`${lines}\r\n\r\n`);
  };

  it.each(['000 Nothing', '042 Odd', '099 Odd'])('502 for the status %s, and the gateway goes on', async (status) => {
    saying(`HTTP/1.1 ${status}\r\nContent-Length: 0`);
    const { ask, metered } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7')).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    expect(await metered()).toMatchObject([{ calls: 1, errors: 1 }]);
  });

  it('502 for another protocol that nobody asked for', async () => {
    saying('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket');
    const { ask, metered } = await open(configOf(orders(), agent));
    expect(await ask('/apis/orders/orders/7', bearer)).toMatchObject({ status: 502 });
    expect(await metered()).toMatchObject([{ calls: 1, errors: 1 }]);
  });
});
