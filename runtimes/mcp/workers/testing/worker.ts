import { threadId } from 'node:worker_threads';
import { createLogger } from '@stoa/lib/log.ts';
import type { Door } from '../../doors/door.ts';
import { restDoor } from '../../doors/rest/door.ts';
import { testOptions } from './options.ts';
import { serveAsWorker } from '../serve.ts';

/** Tells which of the workers answers, and ends it. */
const telling: Door = {
  name: 'authz',
  path: '/which',
  open: () => ({
    handle(path, _request, response) {
      if (path === '/end') process.exit(7);
      if (path !== '/which') return false;
      response.end(String(threadId));
      return true;
    },
  }),
};

/** Lets a consumer have two WebSockets. */
const rest: Door = { ...restDoor, open: (parts) => restDoor.open(parts, { tunnels: { ofOne: 2 } }) };

// What the tests' workers start with: like those of a program, they read the environment.
const { STOA_PUBLIC_URL } = process.env;
const options = testOptions(STOA_PUBLIC_URL === undefined ? {} : { STOA_PUBLIC_URL });
serveAsWorker({ ...options, log: createLogger({ program: 'test', level: 'silent' }), doors: [telling, rest, ...options.doors] });
