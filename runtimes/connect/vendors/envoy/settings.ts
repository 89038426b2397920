import { setting } from '@stoa/lib/settings.ts';

/** What only an Envoy needs to be told. */
export const envoySettings = {
  envoyDir: setting.path({
    optional: true,
    describe:
      "Folder of Connect's own files, such as /etc/envoy/stoa: Envoy reads its clusters from cds.json and its routes from rds.json there. Needed for an Envoy.",
  }),
  envoyListener: setting.url({
    optional: true,
    describe: "Where Envoy's listener of the APIs answers, as Connect reaches it, such as http://127.0.0.1:8080. Needed for an Envoy.",
  }),
  envoyLinkAddress: setting.string({
    optional: true,
    describe:
      'Where a STOA Link beside this Envoy answers over gRPC (its STOA_GRPC_LISTEN), as 127.0.0.1:9001 or unix:/run/stoa/link.sock. It checks keys and tokens, counts limits and quotas and knows tools, in place of Envoy. ' +
      'An API has to be deployed to it as well.',
    matches: {
      pattern: /^(?:unix:\/[^\0]{1,100}|(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]):[1-9]\d{0,4})$/,
      says: 'must be an address of this machine alone, such as 127.0.0.1:9001, or unix:/run/stoa/link.sock',
    },
  }),
  envoyCaFile: setting.path({
    optional: true,
    describe:
      'PEM file of the authorities that Envoy trusts for upstreams with https, such as /etc/ssl/certs/ca-certificates.crt, as Envoy reaches it. Without it APIs with such upstreams are rejected.',
  }),
};
