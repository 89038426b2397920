import { illDatabase } from '../lab/ill-database.ts';

export const databaseReadOnly = illDatabase(
  'database-read-only',
  'A database that takes no writes is 503 with Retry-After and a sentence that names it.',
  'read_only',
  { code: '25006', at: 'statement' },
);
