import { illDatabase } from '../lab/ill-database.ts';

export const databasePassword = illDatabase(
  'database-password',
  'A password of the database that was changed is 503 with Retry-After and a sentence that names it.',
  'refused',
  { code: '28P01', at: 'connect' },
);
