import type { Experiment } from '../experiment.ts';
import { seconds, secondsUntil } from '../lab/until.ts';

export const databaseAway: Experiment = {
  id: 'database-away',
  criterion: 'A database that is away is 503 with Retry-After, and all is well within 10 s of its return.',
  async run(lab) {
    const { database, ask } = await lab.plane();
    database.takeAway();
    const answers = [await ask('GET', '/v1/policies'), await ask('GET', '/readyz'), await ask('POST', '/v1/consumers', { name: 'while-away' })];
    database.giveBack();
    const tookS = await secondsUntil(async () => (await ask('GET', '/v1/policies')).status === 200, 30);
    const isTold = answers.every(({ status, headers }) => status === 503 && Number(headers.get('retry-after')) > 0);
    return { figure: `${answers.map(({ status }) => status).join(', ')}; back after ${seconds(tookS)}`, passed: isTold && tookS <= 10 };
  },
};
