import { setTimeout as delay } from 'node:timers/promises';
import type { Experiment } from '../experiment.ts';
import { pidOf } from '../lab/system.ts';
import { callTool } from '../lab/tools.ts';

const calls = 60;

export const controlPlaneFrozen: Experiment = {
  id: 'control-plane-frozen',
  criterion: 'While the Control Plane hangs, no call of a tool fails.',
  async run(lab) {
    const system = await lab.system();
    const { gateway_url: url, token } = system.up.mcp;
    const pid = await pidOf(system, 'control-plane');
    let failed = 0;
    process.kill(pid, 'SIGSTOP');
    try {
      for (let call = 0; call < calls; call += 1) {
        if ((await callTool(url, 'orders_getOrder', { orderId: 'ord_1001' }, token)).isError) failed += 1;
        await delay(50);
      }
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    return { figure: `${failed} of ${calls} failed`, passed: failed === 0 };
  },
};
