import { setting } from '@stoa/lib/settings.ts';

/** What only a Caddy needs to be told. */
export const caddySettings = {
  caddyServer: setting.string({
    optional: true,
    describe: "Name of the server in Caddy's `apps.http.servers` that is to serve the APIs, such as srv0. Needed where there are several.",
    matches: { pattern: /^[A-Za-z0-9._-]{1,128}$/, says: 'must be 1 to 128 letters, digits, ".", "_" or "-"' },
  }),
  caddyLinkUrl: setting.url({
    optional: true,
    describe:
      'Address of a STOA Link that Caddy asks whether a call may pass (forward_auth), such as http://127.0.0.1:8082. It checks consumer keys and counts limits, which Caddy cannot. ' +
      'An API has to be deployed to it as well.',
    check: (value) =>
      new URL(value).protocol === 'http:' && new URL(value).pathname === '/'
        ? undefined
        : 'must be a URL such as http://127.0.0.1:8082, without a path',
  }),
  caddyRateLimitModule: setting.boolean({
    optional: true,
    describe: 'Whether this Caddy was built with the module http.handlers.rate_limit, which the standard build has not.',
  }),
};
