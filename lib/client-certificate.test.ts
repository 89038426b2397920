import { X509Certificate, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateHeaders, clientCertificates, toldCertificates } from './client-certificate.ts';
import type { CertificateHeader } from './client-certificate.ts';
import type { RequestOrigin } from './client-address.ts';

const pem = readFileSync(join(import.meta.dirname, 'testing/tls/helpdesk.pem'), 'utf8');
const { raw } = new X509Certificate(pem);
const names = ['URI:spiffe://bank.example/ns/agents/sa/helpdesk', 'DNS:helpdesk.bank.example', 'email:helpdesk@bank.example'];
const helpdesk = { thumbprint: hash('sha256', raw, 'base64url'), names };
const escaped = encodeURIComponent(pem);
const digest = hash('sha256', raw, 'hex');

const from = (address: string, headers: Record<string, string> = {}, connection: object = {}): RequestOrigin => ({
  headers,
  socket: { remoteAddress: address, ...connection } as RequestOrigin['socket'],
});
const proxied = (header: CertificateHeader | undefined) => ({ trustedProxies: ['10.0.0.0/8'], header });
const told = (header: CertificateHeader, text: string, address = '10.0.0.7') => toldCertificates(proxied(header))(from(address, { [header]: text }));

describe('the certificate that a trusted proxy tells of', () => {
  it.each<[CertificateHeader, string]>([
    ['x-ssl-client-cert', escaped],
    ['ssl-client-cert', escaped],
    ['x-client-cert', encodeURIComponent(raw.toString('base64'))],
    ['x-forwarded-tls-client-cert', `${encodeURIComponent(raw.toString('base64'))},MIIB`],
    ['client-cert', `:${raw.toString('base64')}:`],
    ['x-forwarded-client-cert', `By=spiffe://bank.example/gateway;Hash=${digest};Subject="CN=a;b,c";Cert="${escaped}"`],
    ['x-forwarded-client-cert', `Hash=${'0'.repeat(64)};URI=spiffe://bank.example/evil,By=x;Cert="${escaped}"`],
  ])('is read from %s', (header, text) => {
    expect(told(header, text)).toEqual(helpdesk);
  });

  it('is known by hash and names where Envoy tells no more', () => {
    const text = `Hash=${digest};Subject="";URI=spiffe://bank.example/ns/agents/sa/helpdesk;DNS=helpdesk.bank.example`;
    expect(told('x-forwarded-client-cert', text)).toEqual({ thumbprint: helpdesk.thumbprint, names: names.slice(0, 2) });
  });

  it.each([
    ['leaves a quote open', `Hash=${'0'.repeat(64)};URI=spiffe://bank/victim;X=",By=x;Hash=${digest};URI=spiffe://bank/caller`],
    ['leaves one open before quoted text of the proxy', `Hash=${'0'.repeat(64)};X=",By=x;Hash=${digest};Subject="CN=caller"`],
    ['hides the end of its quote', `Hash=${'0'.repeat(64)};X="\\,By=x;Hash=${digest};Subject="CN=caller"`],
    ['opens one in the midst of a value', `Hash=${'0'.repeat(64)};X=a",By=x;Hash=${digest};Subject="",X="`],
    ['ends with no element', `Hash=${digest},`],
  ])('is none where a caller’s element before that of an Envoy %s', (_, text) => {
    expect(told('x-forwarded-client-cert', text)).toBeUndefined();
  });

  it('is what the last of some Envoys told, with a space between them or without', () => {
    const text = `By=a;Hash=${'0'.repeat(64)};Subject="CN=a, b;\\"c\\""`;
    for (const between of [',', ', ']) expect(told('x-forwarded-client-cert', `${text}${between}By=;Hash=${digest};DNS=a`)?.names).toEqual(['DNS:a']);
  });

  it.each(
    certificateHeaders.flatMap((header) => ['', 'nonsense', '%', ':%%%:', 'Hash=1', 'x'.repeat(40_000)].map((text) => [header, text] as const)),
  )('is none where %s says %j', (header, text) => {
    expect(told(header, text)).toBeUndefined();
  });

  it('is nobody’s word where another one sent it, in another header, or where no header was agreed on', () => {
    expect(told('x-ssl-client-cert', escaped, '192.0.2.1')).toBeUndefined();
    expect(toldCertificates(proxied('client-cert'))(from('10.0.0.7', { 'x-ssl-client-cert': escaped }))).toBeUndefined();
    expect(clientCertificates(proxied(undefined))(from('10.0.0.7', { 'x-ssl-client-cert': escaped }))).toBeUndefined();
    expect(clientCertificates(proxied('x-ssl-client-cert'))(from('192.0.2.1', { 'x-ssl-client-cert': escaped }))).toBeUndefined();
  });
});

describe('the certificate of a connection', () => {
  const connection = { authorized: true, getPeerX509Certificate: () => new X509Certificate(pem) };

  it('counts once TLS has verified it', () => {
    expect(clientCertificates(proxied(undefined))(from('192.0.2.1', {}, connection))).toEqual(helpdesk);
    expect(clientCertificates(proxied(undefined))(from('192.0.2.1', {}, { ...connection, authorized: false }))).toBeUndefined();
  });

  it('is that of a proxy, and not of who calls, where proxies tell of certificates', () => {
    expect(clientCertificates(proxied('client-cert'))(from('10.0.0.7', {}, connection))).toBeUndefined();
    expect(clientCertificates(proxied('client-cert'))(from('192.0.2.1', {}, connection))).toEqual(helpdesk);
  });

  it('is nobody’s where it is of a trusted proxy that tells of none', () => {
    expect(clientCertificates(proxied(undefined))(from('10.0.0.7', {}, connection))).toBeUndefined();
  });

  it('is that of the gateway that asks, where one asks', () => {
    expect(toldCertificates(proxied('client-cert'))(from('10.0.0.7', {}, connection))).toBeUndefined();
  });
});
