import type { Experiment } from '../experiment.ts';
import { pidOf } from '../lab/system.ts';
import { callTool } from '../lab/tools.ts';
import { seconds, secondsUntil } from '../lab/until.ts';

export const gatewayKilled: Experiment = {
  id: 'gateway-killed',
  criterion: 'A Gateway killed and started again serves tool calls within 20 s, from what it kept.',
  async run(lab) {
    const system = await lab.system();
    const { gateway_url: url, token } = system.up.mcp;
    process.kill(await pidOf(system, 'gateway'), 'SIGKILL');
    const tookS = await secondsUntil(async () => !(await callTool(url, 'orders_getOrder', { orderId: 'ord_1001' }, token)).isError, 60);
    return { figure: seconds(tookS), passed: tookS <= 20 };
  },
};
