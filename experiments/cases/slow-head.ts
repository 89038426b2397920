import { once } from 'node:events';
import { connect } from 'node:net';
import type { Experiment } from '../experiment.ts';
import { seconds } from '../lab/until.ts';

const mostS = 20;

export const slowHead: Experiment = {
  id: 'slow-head',
  criterion: 'A request whose head does not end is ended after 15 s, by every program.',
  async run(lab) {
    const { up } = await lab.system();
    const urls = [up.control_plane_url, up.mcp.gateway_url, up.mcp.link_url, up.connect_url].map((url) => new URL(url));
    const took = await Promise.all(
      urls.map(async ({ hostname, port }) => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => {}).resume();
        await once(socket, 'connect');
        const since = performance.now();
        socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n');
        const drip = setInterval(() => socket.write('X-More: 1\r\n'), 1_000);
        await once(socket, 'close');
        clearInterval(drip);
        return (performance.now() - since) / 1000;
      }),
    );
    return { figure: took.map(seconds).join(', '), passed: took.every((tookS) => tookS <= mostS) };
  },
};
