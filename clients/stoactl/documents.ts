import type { ReadableStream } from 'node:stream/web';
import { readText } from '@stoa/lib/read-text.ts';
import { CommandError } from './exit-codes.ts';
import { printable } from './terminal.ts';

export const maxDocumentBytes = 32 * 1024 * 1024;
const fetchMs = 30_000;

export const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

export const readDocument = (file: string): Promise<string> =>
  readText(file, maxDocumentBytes).catch((error: Error) => {
    throw new CommandError('failed', `The document cannot be read: ${error.message}`, { cause: error });
  });

/** The text at a URL: within half a minute, and of no more bytes than the server takes. */
export async function fetchDocument(text: string): Promise<string> {
  const url = URL.parse(text);
  if (url === null) throw new CommandError('usage', `${printable(text)} is no address.`);
  if (url.username !== '' || url.password !== '')
    throw new CommandError('usage', 'An address with a user or password stays in the history: fetch the document yourself, and give the file.');
  const shown = printable(url.href);
  const response = await fetch(url, {
    signal: AbortSignal.timeout(fetchMs),
    headers: { accept: 'application/yaml, application/json, */*;q=0.5' },
  }).catch((error: Error) => {
    throw new CommandError('unreachable', `${shown} cannot be reached: ${reasonOf(error)}.`, { cause: error });
  });
  if (!response.ok) {
    await response.body?.cancel().catch(() => undefined);
    throw new CommandError('failed', `${shown} answers with status ${response.status}, and with no document.`);
  }
  return textOf(response.body as ReadableStream<Uint8Array> | null, shown);
}

async function textOf(body: ReadableStream<Uint8Array> | null, shown: string): Promise<string> {
  let [text, bytes] = ['', 0];
  const decoder = new TextDecoder();
  try {
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxDocumentBytes)
        throw new CommandError('failed', `${shown} is larger than ${maxDocumentBytes} bytes, which is the most that a document may be.`);
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('unreachable', `${shown} broke off after ${bytes} bytes: ${reasonOf(error as Error)}.`, { cause: error });
  }
  return text + decoder.decode();
}

const reasonOf = (error: Error): string => {
  if (error.name === 'TimeoutError') return `no answer within ${fetchMs / 1000} seconds`;
  return printable((error.cause as Error | undefined)?.message || error.message);
};
