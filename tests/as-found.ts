import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, vi } from 'vitest';

// Files of tests share a process: whatever one of them changes in it is put back for the next.
const environment = { ...process.env };
const authorities = getCACertificates('default');

afterAll(() => {
  vi.useRealTimers();
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  if (getCACertificates('default').length !== authorities.length) setDefaultCACertificates(authorities);
});
