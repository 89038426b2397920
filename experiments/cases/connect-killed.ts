import type { Experiment } from '../experiment.ts';
import { statusOf } from '../lab/ask.ts';
import { pidOf } from '../lab/system.ts';
import { secondsUntil } from '../lab/until.ts';

export const connectKilled: Experiment = {
  id: 'connect-killed',
  criterion: 'A Connect killed and started again leaves every object of the third-party gateway as it was.',
  async run(lab) {
    const system = await lab.system();
    const objects = async () => {
      const pages = ['/services', '/routes', '/plugins', '/consumers'].map(async (path) => (await fetch(system.up.kong_admin_url + path)).text());
      return (await Promise.all(pages)).join('\n');
    };
    const before = await objects();
    const killed = await pidOf(system, 'connect');
    process.kill(killed, 'SIGKILL');
    await secondsUntil(async () => (await pidOf(system, 'connect')) !== killed && (await statusOf(`${system.up.connect_url}/readyz`)) === 200, 60);
    const isSame = (await objects()) === before;
    return { figure: isSame ? 'unchanged' : 'changed', passed: isSame };
  },
};
