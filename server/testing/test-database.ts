import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    testDatabaseBroker: string;
  }
}

/**
 * A fresh, migrated database of the test's own: answers its URL. The server behind it is started by the first call of a
 * run (about 1.5 s), serves every test file, and is stopped at the end of the run with all its databases. It is an
 * embedded one, or the server that TEST_DATABASE_URL (else DATABASE_URL) names.
 */
export async function createTestDatabase(): Promise<string> {
  const ask = (): Promise<Response> => fetch(inject('testDatabaseBroker'), { method: 'POST' });
  // A connection that rested while tests were busy may be closed by the other side at the same moment: it has read nothing of this.
  const answer = await ask().catch(ask);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`No test database: ${text}`);
  return text;
}
