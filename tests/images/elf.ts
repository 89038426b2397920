/** What an ELF file says of itself: the processor it is for, and the libraries that it needs (System V ABI, "Object Files"). Undefined for other files. */
export function readElf(bytes: Buffer): { readonly machine: number; readonly needed: readonly string[] } | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const machine = bytes.readUInt16LE(18);
  const [at, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  const segments = Array.from({ length: count }, (_, index) => bytes.subarray(at + index * size, at + (index + 1) * size)).map((segment) => ({
    type: segment.readUInt32LE(0),
    offset: Number(segment.readBigUInt64LE(8)),
    address: Number(segment.readBigUInt64LE(16)),
    size: Number(segment.readBigUInt64LE(32)),
  }));
  const dynamic = segments.find(({ type }) => type === ptDynamic);
  if (dynamic === undefined) return { machine, needed: [] };
  const entries = Array.from({ length: dynamic.size / 16 }, (_, index) => {
    const entry = dynamic.offset + index * 16;
    return [Number(bytes.readBigInt64LE(entry)), Number(bytes.readBigUInt64LE(entry + 8))] as const;
  });
  const address = entries.find(([tag]) => tag === dtStrtab)?.[1] ?? 0;
  const load = segments.find(({ type, address: from, size: length }) => type === ptLoad && from <= address && address < from + length);
  const strings = address - (load?.address ?? 0) + (load?.offset ?? 0);
  const textAt = (offset: number): string => bytes.toString('latin1', strings + offset, bytes.indexOf(0, strings + offset));
  return { machine, needed: entries.filter(([tag]) => tag === dtNeeded).map(([, offset]) => textAt(offset)) };
}

const [ptLoad, ptDynamic, dtNeeded, dtStrtab] = [1, 2, 1, 5];

/** `e_machine`, by the name of the platform. */
export const machines = { amd64: 62, arm64: 183 } as const;
