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

/**
 * Calls back with each frame that arrives. Both ends are ours, and send one frame after the other. Each piece is copied to its place as it
 * comes: to join tens of megabytes at the end would stop everything else for as long as it takes.
 */
export function onFrame(stream: Duplex, callback: (frame: Frame) => void): void {
  let start = Buffer.alloc(0);
  let whole: Buffer | undefined;
  let filled = 0;
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (whole === undefined) {
        start = Buffer.concat([start, rest]);
        const bytes = frameBytes(start);
        if (bytes === undefined) return;
        [whole, filled, rest, start] = [Buffer.allocUnsafe(bytes), 0, start, Buffer.alloc(0)];
      }
      const copied = rest.copy(whole, filled);
      filled += copied;
      rest = rest.subarray(copied);
      if (filled < whole.byteLength) return;
      const frame = parseFrame(whole);
      whole = undefined;
      callback(frame);
    }
  });
}

/** How long the frame is that begins so; undefined until its lengths are there. */
function frameBytes(start: Buffer): number | undefined {
  if (start.byteLength < wordBytes) return undefined;
  const count = start.readUInt32LE(0);
  let bytes = wordBytes * (count + 1);
  if (start.byteLength < bytes) return undefined;
  for (let index = 1; index <= count; index += 1) bytes += start.readUInt32LE(index * wordBytes);
  return bytes;
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
