import type { Experiment } from '../experiment.ts';
import { statusOf } from '../lab/ask.ts';
import { postmasterOf } from '../lab/system.ts';
import { seconds, secondsUntil } from '../lab/until.ts';

export const postmasterKilled: Experiment = {
  id: 'postmaster-killed',
  criterion: 'The embedded PostgreSQL killed alone: /readyz of the Control Plane is 200 again within 60 s, by itself.',
  async run(lab) {
    const system = await lab.system();
    const killed = await postmasterOf(system);
    process.kill(killed, 'SIGKILL');
    const isBack = async () => (await postmasterOf(system)) !== killed && (await statusOf(`${system.up.control_plane_url}/readyz`)) === 200;
    const tookS = await secondsUntil(isBack, 90);
    return { figure: seconds(tookS), passed: tookS <= 60 };
  },
};
