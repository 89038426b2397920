import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { contractRevision } from '@stoa/generated/contract-revision.ts';
import type { Version } from '@stoa/generated/schemas.ts';
import { isReadableOnTheWay } from '@stoa/lib/plain-http.ts';
import { version } from '@stoa/lib/version.ts';
import { tlsTrouble } from '../tls-trouble.ts';
import { failed, ok, untilExpiry, warning } from './finding.ts';
import type { DoctorFinding } from './finding.ts';

/** Why a server did not answer: at its certificate, or before. */
export function unreachableFindings(error: unknown): DoctorFinding[] {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const trouble = tlsTrouble(code);
  if (trouble !== undefined) return [failed('tls', `${trouble.found} (${code})`, trouble.remedy)];
  const why = error instanceof AggregateError ? String((error.errors[0] as Error | undefined)?.message) : message;
  return [
    failed(
      'reachability',
      `the server does not answer: ${why}`,
      'See that it runs, that the server of the context is right (stoactl context list), and what HTTPS_PROXY and NO_PROXY say.',
    ),
  ];
}

/** How the way to the server is: encrypted, and by a certificate that goes on for a while. */
export function tlsFinding(server: string, { socket }: Pick<IncomingMessage, 'socket'>, nowMs: number): DoctorFinding {
  if (new URL(server).protocol === 'http:')
    return !isReadableOnTheWay(server)
      ? ok('tls', 'not encrypted, and on this machine')
      : warning(
          'tls',
          'not encrypted: whoever is on the way reads the token',
          'Give the server a certificate (STOA_TLS_CERT_FILE, STOA_TLS_KEY_FILE) and the context an https URL.',
        );
  if (!(socket instanceof TLSSocket)) return ok('tls', 'encrypted');
  const { valid_to } = socket.getPeerCertificate();
  return untilExpiry(
    'tls',
    `${socket.getProtocol() ?? 'TLS'}, and its certificate,`,
    Date.parse(valid_to),
    nowMs,
    14,
    'Renew it on the server, which takes the new file by itself.',
  );
}

const [clockWarnS, clockFailS] = [10, 60];

/** How far apart the clocks are, as the `Date` of an answer tells to a second; `tookMs` is for how long it was on the way. */
export function clockFinding(date: string | undefined, nowMs: number, tookMs: number): DoctorFinding {
  const serverMs = Date.parse(date ?? '');
  if (Number.isNaN(serverMs)) return warning('clock', 'the server does not tell its time', 'See which proxy takes the header Date away.');
  // The server wrote it between the question and now, and says nothing smaller than a second.
  const apartMs = Math.max(0, nowMs - tookMs - (serverMs + 1000), serverMs - nowMs);
  const skewS = Math.round(apartMs / 1000);
  const found = `${skewS} s apart from the server`;
  const remedy = 'Have both set their clocks by NTP: codes of authenticators, tokens and certificates are judged by them.';
  if (skewS > clockFailS) return failed('clock', found, remedy);
  return skewS > clockWarnS ? warning('clock', found, remedy) : ok('clock', skewS === 0 ? 'the same as of the server' : found);
}

/** Ours and theirs. */
export function versionFindings(running: Version): DoctorFinding[] {
  const minor = (full: string) => full.split('.').slice(0, 2).join('.');
  const versions = `stoactl ${version}, ${running.product} ${running.version}`;
  const revisions = `stoactl speaks ${contractRevision}, the server ${running.contract_revision}`;
  return [
    minor(version) === minor(running.version)
      ? ok('versions', versions)
      : warning('versions', versions, 'Take the stoactl that came with the server.'),
    contractRevision === running.contract_revision
      ? ok('contract', `revision ${contractRevision}`)
      : failed('contract', revisions, `Update ${contractRevision < running.contract_revision ? 'stoactl' : 'the server'}.`),
  ];
}
