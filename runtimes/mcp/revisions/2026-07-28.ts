import type { Revision } from './revision.ts';

export const revision: Revision = {
  name: '2026-07-28',
  era: 'modern',
  hasBatches: false,
  withoutMethods: new Set(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe']),
  resourceNotFound: -32602,
  hasPolling: false,
  // A method that is not there is 404 (Streamable HTTP, "Sending messages"), a capability that the client lacks 400.
  errorStatus: { [-32601]: 404, [-32021]: 400 },
};
