import type { Experiment } from '../experiment.ts';
import { asker } from '../lab/ask.ts';

const depth = 200_000;

export const deepBody: Experiment = {
  id: 'deep-body',
  criterion: 'A body nested 200,000 deep is refused with 400 or 413 by Control Plane and Gateway, which answer on.',
  async run(lab) {
    const system = await lab.system();
    const nested = '['.repeat(depth) + ']'.repeat(depth);
    const gateway = new URL(system.up.mcp.gateway_url).origin;
    const plane = asker(system.up.control_plane_url, system.up.admin_token);
    const statuses = [
      (await plane('POST', '/v1/consumers', `{"name":${nested}}`)).status,
      (await asker(gateway, system.up.mcp.token)('POST', '/mcp', `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${nested}}`)).status,
    ];
    const after = [(await plane('GET', '/healthz')).status, (await asker(gateway, '')('GET', '/healthz')).status];
    return {
      figure: `${statuses.join(', ')}; then ${after.join(', ')}`,
      passed: statuses.every((status) => status === 400 || status === 413) && after.every((status) => status === 200),
    };
  },
};
