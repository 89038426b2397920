import type { Duplex } from 'node:stream';

/**
 * A message between two processes: something small as JSON, and large parts as bytes, which no side needs to look into. On the wire: the number
 * of parts and their lengths as 32-bit integers, then the parts, the JSON first.
 */
export type Frame = { head: unknown; parts: Uint8Array<ArrayBuffer>[] };

const wordBytes = 4;

export function writeFrame(stream: Duplex, { head, parts }: Frame): void {
  beginFrame(
    stream,
    head,
    parts.map(({ byteLength }) => byteLength),
  );
  for (const part of parts) stream.write(part);
}

/** Writes all of a frame but its parts, which are to follow with exactly these lengths. */
export function beginFrame(stream: Duplex, head: unknown, partBytes: readonly number[]): void {
  const json = Buffer.from(JSON.stringify(head));
  const words = [partBytes.length + 1, json.byteLength, ...partBytes];
  const lengths = Buffer.alloc(wordBytes * words.length);
  words.forEach((word, index) => lengths.writeUInt32LE(word, index * wordBytes));
  stream.write(lengths);
  stream.write(json);
}

/** Calls back with each frame that arrives. Both ends are ours, and send one frame after the other. */
export function onFrame(stream: Duplex, callback: (frame: Frame) => void): void {
  let chunks: Buffer[] = [];
  let received = 0;
  let needed = wordBytes;
  let isHeadKnown = false;
  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    received += chunk.byteLength;
    // The pieces are joined once, when all are there: joined at each arrival, the same bytes would be copied again and again.
    while (received >= needed) {
      if (!isHeadKnown) {
        const start = Buffer.concat(chunks);
        const count = start.readUInt32LE(0);
        chunks = [start];
        needed = wordBytes * (count + 1);
        if (received < needed) return;
        for (let index = 1; index <= count; index += 1) needed += start.readUInt32LE(index * wordBytes);
        isHeadKnown = true;
        continue;
      }
      const whole = Buffer.concat(chunks);
      const frame = parseFrame(whole);
      chunks = [whole.subarray(needed)];
      received -= needed;
      needed = wordBytes;
      isHeadKnown = false;
      callback(frame);
    }
  });
}

function parseFrame(whole: Buffer): Frame {
  const count = whole.readUInt32LE(0);
  let offset = wordBytes * (count + 1);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let index = 1; index <= count; index += 1) {
    const length = whole.readUInt32LE(index * wordBytes);
    parts.push(whole.subarray(offset, offset + length) as Uint8Array<ArrayBuffer>);
    offset += length;
  }
  const [head = new Uint8Array(), ...large] = parts;
  return { head: JSON.parse(Buffer.from(head).toString('utf8')) as unknown, parts: large };
}
