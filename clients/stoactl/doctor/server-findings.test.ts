import { expect, it } from 'vitest';
import { contractRevision } from '@stoa/generated/contract-revision.ts';
import { version } from '@stoa/lib/version.ts';
import { untilExpiry } from './finding.ts';
import { clockFinding, tlsFinding, unreachableFindings, versionFindings } from './server-findings.ts';

const noon = Date.parse('2026-11-30T12:00:00Z');
const at = (offsetS: number) => new Date(noon + offsetS * 1000).toUTCString();

it.each([
  [0, 'ok'],
  [-1, 'ok'],
  [5, 'ok'],
  [-30, 'warning'],
  [30, 'warning'],
  [-120, 'failed'],
  [120, 'failed'],
])('a server whose Date is %d s off is %s', (offsetS, status) => {
  expect(clockFinding(at(offsetS), noon, 50).status).toBe(status);
});

it('the time that an answer takes is not taken for another clock', () => {
  expect(clockFinding(at(-40), noon, 40_000)).toMatchObject({ status: 'ok', found: 'the same as of the server' });
});

it('a server without a Date is told of', () => expect(clockFinding(undefined, noon, 1).status).toBe('warning'));

it.each([
  ['CERT_HAS_EXPIRED', 'has expired', 'Renew it'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name', '--server URL'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'does not trust', '--ca-file'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'does not trust', '--ca-file'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'does not trust', '--ca-file'],
  ['EPROTO', 'speaks no TLS', 'TLS listener'],
])('what TLS refuses with %s has its own remedy', (code, found, remedy) => {
  expect(unreachableFindings(Object.assign(new Error('x'), { code }))).toMatchObject([
    { check: 'tls', status: 'failed', found: expect.stringContaining(found), remedy: expect.stringContaining(remedy) },
  ]);
});

it('a server that is not encrypted and not on this machine is warned of', () => {
  const answer = { socket: {} } as Parameters<typeof tlsFinding>[1];
  expect(tlsFinding('http://stoa.example', answer, noon).status).toBe('warning');
  expect(tlsFinding('http://127.0.0.1:8080', answer, noon).status).toBe('ok');
});

it('what ends is told of before it does', () => {
  const days = (count: number) => untilExpiry('token', 'it', noon + count * 86_400_000, noon, 14, 'Renew it.').status;
  expect([days(100), days(13), days(-1)]).toEqual(['ok', 'warning', 'failed']);
});

it('another minor version is warned of, another revision of the contract fails, and each says which side to update', () => {
  const found = (other: string, revision: number) =>
    versionFindings({ product: 'STOA Control Plane', version: other, contract_revision: revision }).map(({ status, remedy }) => [status, remedy]);
  expect(found(version, contractRevision).map(([status]) => status)).toEqual(['ok', 'ok']);
  expect(found('99.0.0', contractRevision + 1)).toEqual([
    ['warning', 'Take the stoactl that came with the server.'],
    ['failed', 'Update stoactl.'],
  ]);
});
