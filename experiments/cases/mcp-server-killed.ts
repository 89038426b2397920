import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Processes } from '@stoa/bench/system/processes.ts';
import { freePorts } from '../../tests/system/running-system.ts';
import type { Experiment } from '../experiment.ts';
import { done, statusOf } from '../lab/ask.ts';
import { callTool } from '../lab/tools.ts';
import type { Tools } from '../lab/tools.ts';
import { secondsUntil } from '../lab/until.ts';

const times = 20;
/** Twenty times within a minute. */
const everyMs = 3_000;
const callers = 4;
const program = join(import.meta.dirname, '../../examples/support/main.ts');

export const mcpServerKilled: Experiment = {
  id: 'mcp-server-killed',
  criterion: 'An MCP server that is killed and started again 20 times in a minute under calls costs no other server a call, and answers in the end.',
  async run(lab) {
    const tools = await lab.tools();
    const [flaky = '', steady = ''] = Object.values(await freePorts());
    return lab.bench(async ({ processes }) => {
      const start = (port: string) => startServer(processes, port);
      let running = await start(flaky);
      await start(steady);
      const ids = [await register(tools, 'flaky', flaky), await register(tools, 'steady', steady)];
      const call = (server: string) => callTool(tools.system.up.mcp.gateway_url, `${server}_list`, {}, tools.system.up.mcp.token);
      try {
        for (const server of ['flaky', 'steady']) await secondsUntil(async () => !(await call(server)).isError, 60);
        let isOver = false;
        const counts = { steady: { made: 0, lost: 0 }, flaky: { made: 0, lost: 0 } };
        const under = Object.entries(counts).flatMap(([server, count]) =>
          Array.from({ length: callers }, async () => {
            while (!isOver) {
              const { isError } = await call(server);
              count.made += 1;
              if (isError) count.lost += 1;
            }
          }),
        );
        for (let time = 0; time < times; time += 1) {
          const next = delay(everyMs);
          process.kill(running.pid, 'SIGKILL');
          await running.stop();
          running = await start(flaky);
          await next;
        }
        isOver = true;
        await Promise.all(under);
        const back = await secondsUntil(async () => !(await call('flaky')).isError, 60);
        const figure = `${counts.steady.lost} of ${counts.steady.made} calls of the other lost, ${counts.flaky.lost} of ${counts.flaky.made} of its own; it answered after ${back.toFixed(1)} s`;
        return { figure, passed: counts.steady.lost === 0 && counts.steady.made > times };
      } finally {
        for (const id of ids) await tools.ask('DELETE', `/v1/mcp-servers/${id}`);
      }
    });
  },
};

const startServer = (processes: Processes, port: string) =>
  processes.start({
    name: `support-${port}`,
    command: process.execPath,
    args: [program],
    env: { SUPPORT_PORT: port },
    cores: undefined,
    isReady: async () => (await statusOf(`http://127.0.0.1:${port}/healthz`)) === 200,
  });

async function register(tools: Tools, name: string, port: string): Promise<string> {
  const http = { url: `http://127.0.0.1:${port}/mcp` };
  const body = { name, http, pinning: 'auto', subscription_required: false, targets: { modes: ['edge_mcp'] } };
  return (await done(tools.ask<{ mcp_server_id: string }>('POST', '/v1/mcp-servers', body))).mcp_server_id;
}
