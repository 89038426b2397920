import { databaseFaults } from '@stoa/server/database/faults.ts';
import type { DatabaseFaultName } from '@stoa/server/database/faults.ts';
import type { Experiment } from '../experiment.ts';
import { secondsUntil } from './until.ts';

/** An experiment in which the database reports a fault of itself. */
export function illDatabase(
  id: string,
  criterion: string,
  name: DatabaseFaultName,
  fault: { code: string; at: 'connect' | 'statement' },
): Experiment {
  return {
    id,
    criterion,
    async run(lab) {
      const { database, ask } = await lab.plane();
      database.makeIll({ ...fault, message: 'as in the experiment' });
      try {
        // Connections that were cut may still be handed out for a moment.
        await secondsUntil(async () => (await ask('GET', '/readyz')).body['detail'] === databaseFaults[name].detail, 10);
        const answers = [await ask('GET', '/readyz'), await ask('POST', '/v1/consumers', { name: id }), await ask('GET', '/v1/gateways')];
        const isTold = answers.every(
          ({ status, headers, body }) => status === 503 && headers.has('retry-after') && body['detail'] === databaseFaults[name].detail,
        );
        return { figure: answers.map(({ status, body }) => `${status} ${String(body['detail'])}`).at(1) ?? '', passed: isTold };
      } finally {
        database.giveBack();
      }
    },
  };
}
