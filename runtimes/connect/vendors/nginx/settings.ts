import { setting } from '@stoa/lib/settings.ts';

/** What only an nginx needs to be told. */
export const nginxSettings = {
  nginxDir: setting.path({
    optional: true,
    describe: "Folder of Connect's own files, such as /etc/nginx/conf.d/stoa, of which nginx includes *.conf in its http block. Needed for an nginx.",
  }),
  nginxListen: setting.string({
    optional: true,
    describe: 'What the server of the APIs listens on, as nginx spells it: 8080, or 443 ssl. Needed for an nginx.',
    matches: { pattern: /^[A-Za-z0-9.:*[\]_=-]+(?: [A-Za-z0-9.:_=-]+)*$/, says: "must be the parameters of nginx's listen, such as 443 ssl" },
  }),
  nginxServerInclude: setting.path({
    optional: true,
    describe: 'File of your own that the server of the APIs includes: certificates, server_name, logs.',
  }),
  nginxProgram: setting.string({
    optional: true,
    describe: 'The program nginx, by its name or path; nginx when absent.',
    matches: { pattern: /^[A-Za-z0-9/._-]{1,512}$/, says: 'must be the name or the path of a program' },
  }),
  nginxConfig: setting.path({ optional: true, describe: 'The configuration file that nginx runs with; the one it was built with when absent.' }),
  nginxReload: setting.string({
    optional: true,
    describe:
      'Command that has nginx reload, such as: sudo systemctl reload nginx. It is split at spaces, and no shell reads it. `nginx -s reload` when absent.',
    matches: { pattern: /^[!-~][ -~]{0,511}$/, says: 'must be a command of printable characters' },
  }),
  nginxErrorLog: setting.path({ optional: true, describe: 'The error log of nginx, from which the reason of a reload that it refused is told.' }),
  nginxLinkUrl: setting.url({
    optional: true,
    describe:
      'Address of a STOA Link that nginx asks whether a call may pass (auth_request), such as http://127.0.0.1:8082. It checks keys and tokens, counts limits and quotas and knows tools, in place of nginx. ' +
      'An API has to be deployed to it as well.',
    check: (value) =>
      new URL(value).protocol === 'http:' && new URL(value).pathname === '/'
        ? undefined
        : 'must be a URL such as http://127.0.0.1:8082, without a path',
  }),
  nginxCaFile: setting.path({
    optional: true,
    describe:
      'PEM file of the authorities that nginx trusts for upstreams with https, such as /etc/ssl/certs/ca-certificates.crt. Without it APIs with such upstreams are rejected.',
  }),
};
