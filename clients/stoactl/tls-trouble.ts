export type TlsTrouble = { readonly found: string; readonly remedy: string };

/** What TLS refuses, by the codes of Node.js and of OpenSSL's verification, and what is to be done. The first that fits counts. */
const troubles: readonly (readonly [RegExp, TlsTrouble])[] = [
  [
    /^CERT_HAS_EXPIRED$/,
    {
      found: 'the certificate of the server has expired',
      remedy: 'Renew it on the server, which takes the new file by itself; look at the clock of this machine as well.',
    },
  ],
  [/^CERT_NOT_YET_VALID$/, { found: 'the certificate of the server is not valid yet', remedy: 'Look at the clock of this machine.' }],
  [
    /^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    { found: 'the certificate of the server is for another name', remedy: 'Give the name that it is for: stoactl context set NAME --server URL.' },
  ],
  [
    /^(ERR_SSL_|EPROTO)/,
    { found: 'the server speaks no TLS at this address', remedy: 'Give the address of its TLS listener: stoactl context set NAME --server URL.' },
  ],
  [
    /CERT|SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY|INVALID_CA/,
    {
      found: 'the certificate of the server is of an authority that this machine does not trust',
      remedy: 'Give its authority with stoactl context set NAME --ca-file FILE.',
    },
  ],
];

export const tlsTrouble = (code: string | undefined): TlsTrouble | undefined =>
  code === undefined ? undefined : troubles.find(([pattern]) => pattern.test(code))?.[1];
