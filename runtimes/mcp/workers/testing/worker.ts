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

// What the tests' workers start with. Of the settings they are told those that tests are about.
const told = Object.entries(process.env).flatMap(([name, text = '']) =>
  name.startsWith('OTEL_') || name === 'STOA_PUBLIC_URL' ? [[name, text]] : [],
);
const options = testOptions(Object.fromEntries(told));
await serveAsWorker({ ...options, log: createLogger({ program: 'test', level: 'silent' }), doors: [telling, rest, ...options.doors] });
