import { X509Certificate } from 'node:crypto';
import { setting } from './setting.ts';
import { certificatesOf } from './trust.ts';
import { ruleFault } from './upstream-guard.ts';

const proxy = {
  optional: true,
  blankIsAbsent: true,
  matches: { pattern: /^https?:\/\/\S+$/, says: 'must be a URL such as http://proxy.example:3128' },
  check: (value: string) => (URL.canParse(value) ? undefined : 'must be a URL such as http://proxy.example:3128'),
} as const;

/** Settings of every program for the connections that it makes. */
export const outgoingSettings = {
  caFile: setting.path({
    optional: true,
    check: caFault,
    describe: 'PEM file of certificate authorities to trust besides the usual ones, for every TLS connection that this program makes.',
  }),
  httpsProxy: setting.secret({ ...proxy, env: 'HTTPS_PROXY', describe: 'Proxy for https URLs, with user and password where it asks for them.' }),
  httpProxy: setting.secret({ ...proxy, env: 'HTTP_PROXY', describe: 'Proxy for http URLs.' }),
  noProxy: setting.list({
    default: [],
    env: 'NO_PROXY',
    blankIsAbsent: true,
    describe: 'What is reached without a proxy: hosts with their subdomains, addresses, CIDR blocks, each with or without :port; * for all.',
  }),
};

/** Which upstreams an API may have. On the Control Plane they hold at import, on Gateway and Link at each connection. */
export const upstreamSettings = {
  upstreamAllow: setting.list({
    default: [],
    check: ruleFault,
    describe:
      'Upstreams that are allowed, and no others: CIDR blocks, addresses, host globs such as *.example.com. By default all, loopback and private ones too, ' +
      'but for link-local, metadata, unspecified and multicast addresses, which nothing allows.',
  }),
  upstreamDeny: setting.list({ default: [], check: ruleFault, describe: 'Upstreams that are refused, whatever STOA_UPSTREAM_ALLOW says.' }),
};

function caFault(path: string): string | undefined {
  try {
    for (const certificate of certificatesOf(path)) new X509Certificate(certificate);
    return certificatesOf(path).length > 0 ? undefined : `names ${path}, which holds no certificate in PEM`;
  } catch (error) {
    return `names ${path}, which cannot be used (${(error as NodeJS.ErrnoException).code ?? 'no certificate'}): correct the path or the file`;
  }
}
