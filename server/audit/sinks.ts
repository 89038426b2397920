import { open } from 'node:fs/promises';
import type { Settings } from '../config.ts';
import type { Secret } from '@stoa/lib/secret.ts';

/** Where the audit is brought to, line by line as it is exported. */
export type Sink = {
  /** What is kept of how far it came is kept under this. */
  readonly id: string;
  /** For the log. */
  readonly name: string;
  /** Resolves once it has the lines for good. */
  write(lines: string, signal: AbortSignal): Promise<void>;
};

const timeoutMs = 15_000;
const newline = 0x0a;

/** A file that is added to, and opened anew for each batch: whoever rotates it, moves it. */
export const fileSink = (path: string): Sink => ({
  id: `file:${path}`,
  name: path,
  async write(lines) {
    const file = await open(path, 'a+', 0o600);
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      // A kill in the middle of a line leaves a part of it, which is written again as a whole.
      if (size > 0) await file.read(last, 0, 1, size - 1);
      await file.appendFile(size > 0 && last[0] !== newline ? `\n${lines}` : lines);
      await file.datasync();
    } finally {
      await file.close();
    }
  },
});

/** A server that takes JSON Lines by POST and answers with a status of 2xx once it has them. */
export const httpSink = (url: string, token: Secret | undefined): Sink => ({
  id: `http:${url}`,
  name: new URL(url).origin,
  async write(lines, signal) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/jsonl', ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }) },
      body: lines,
      // The token is for this server only.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await answer.body?.cancel();
    if (!answer.ok)
      throw new Error(`The sink of the audit answers with status ${answer.status}: see to it that it takes POST requests of JSON Lines.`);
  },
});

/** The sinks that the settings name. */
export function sinksOf({ auditFile, auditSinkUrl, auditSinkToken }: Pick<Settings, 'auditFile' | 'auditSinkUrl' | 'auditSinkToken'>): Sink[] {
  return [...(auditFile === undefined ? [] : [fileSink(auditFile)]), ...(auditSinkUrl === undefined ? [] : [httpSink(auditSinkUrl, auditSinkToken)])];
}
