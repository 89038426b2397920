import type { Duplex } from 'node:stream';

/**
 * A message between two processes: something small as JSON, and large parts as bytes, which no side needs to look into. On the wire: the number
 * of parts and their lengths as 32-bit integers, then the parts, the JSON first.
 */
export type Frame = { head: unknown; parts: Uint8Array<ArrayBuffer>[] };

const wordBytes = 4;

export function writeFrame(stream: Duplex, { head, parts }: Frame): void {
  const all = [Buffer.from(JSON.stringify(head)), ...parts];
  const lengths = Buffer.alloc(wordBytes * (all.length + 1));
  [all.length, ...all.map(({ byteLength }) => byteLength)].forEach((word, index) => lengths.writeUInt32LE(word, index * wordBytes));
  stream.write(lengths);
  for (const part of all) stream.write(part);
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
    // Joined when all is there, for that is the only time when it costs no more than the bytes.
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
