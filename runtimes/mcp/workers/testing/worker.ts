import { threadId } from 'node:worker_threads';
import { createLogger } from '@stoa/lib/log.ts';
import { testOptions } from './options.ts';
import { serveAsWorker } from '../serve.ts';

// What the tests' workers start with. A door of their own tells which of them answers, and ends it.
serveAsWorker({
  ...testOptions(),
  log: createLogger({ program: 'test', level: 'silent' }),
  extraDoor: () => (path, _request, response) => {
    if (path === '/end') process.exit(7);
    if (path !== '/which') return false;
    response.end(String(threadId));
    return Promise.resolve(true);
  },
});
