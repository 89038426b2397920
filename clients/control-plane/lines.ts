import { createGunzip } from 'node:zlib';

/** What a difference may hold when it is unpacked: four times as much as an answer may weigh on its way. */
export const maxUnpackedBytes = 256 * 1024 * 1024;
const chunkBytes = 64 * 1024;

/**
 * The lines of a text, without their line feeds. A text in gzip is unpacked off the event loop, all of its members (RFC 1952 §2.2). Throws when the
 * text does not end with a line feed, is not what gzip writes, or is larger than `maxBytes`.
 */
export async function* linesOf(body: Buffer, maxBytes = maxUnpackedBytes): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let total = 0;
  for await (const chunk of isGzip(body) ? unpacked(body) : [body]) {
    total += chunk.length;
    if (total > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    let from = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
      const last = chunk.subarray(from, end);
      yield waiting.length === 0 ? last : Buffer.concat([...waiting, last]);
      waiting = [];
      from = end + 1;
    }
    if (from < chunk.length) waiting.push(chunk.subarray(from));
  }
  if (waiting.length > 0) throw new Error('the answer ends within a line');
}

/** By what it begins with, not by its header: no line of JSON begins so, and whoever sent the request may have unpacked it. */
const isGzip = (body: Buffer): boolean => body[0] === 0x1f && body[1] === 0x8b;

async function* unpacked(body: Buffer): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  gunzip.end(body);
  yield* gunzip as AsyncIterable<Buffer>;
}
