import { illDatabase } from '../lab/ill-database.ts';

export const databaseFull = illDatabase(
  'database-full',
  'The disk of the database full is 503 with Retry-After and a sentence that names it.',
  'full',
  { code: '53100', at: 'statement' },
);
