/**
 * Node.js carries what ICU knows of every language, 32 MB of its 108. Its own `small-icu` builds have English alone; this makes the same of a build that is there, by the layout of
 * ICU's common data (unicode-org.github.io/icu, "ICU Data File Formats"): a table of names and places, sorted by name, before what it names. What is not
 * English leaves the table, and zeros stay in its place, which weigh nothing in a package. Asked for another language, ICU answers as it does for one that it has never had.
 */
export function keepEnglishAlone(executable: Buffer): void {
  const table = findTable(executable);
  const entries = readTable(executable, table);
  const kept = entries.filter(({ name }) => !isForeign(name));
  if (kept.length === entries.length) throw new Error('The data of ICU in Node.js is in English alone already, or its names are others.');
  for (const { name, from, to } of entries) if (isForeign(name)) executable.fill(0, from, to);
  executable.writeUInt32LE(kept.length, table);
  for (const [index, { nameAt, dataAt }] of kept.entries()) {
    executable.writeUInt32LE(nameAt, table + 4 + 8 * index);
    executable.writeUInt32LE(dataAt, table + 8 + 8 * index);
  }
  executable.fill(0, table + 4 + 8 * kept.length, table + 4 + 8 * entries.length);
}

type Entry = { readonly name: string; readonly nameAt: number; readonly dataAt: number; readonly from: number; readonly to: number };

/** Where the table begins: after a header that says its own length, and that it is common data. */
function findTable(bytes: Buffer): number {
  for (let at = bytes.indexOf('CmnD'); at >= 0; at = bytes.indexOf('CmnD', at + 4)) {
    const header = at - 12;
    if (bytes[header + 2] === 0xda && bytes[header + 3] === 0x27) return header + bytes.readUInt16LE(header);
  }
  throw new Error('Node.js carries no data of ICU that is known to this build.');
}

function readTable(bytes: Buffer, table: number): Entry[] {
  const count = bytes.readUInt32LE(table);
  const places = Array.from({ length: count }, (_, index) => ({
    nameAt: bytes.readUInt32LE(table + 4 + 8 * index),
    dataAt: bytes.readUInt32LE(table + 8 + 8 * index),
  }));
  return places.map(({ nameAt, dataAt }, index) => {
    const start = table + nameAt;
    const name = bytes.toString('latin1', start, bytes.indexOf(0, start));
    // Nothing says where the last one ends: it stays.
    const next = places[index + 1];
    return { name, nameAt, dataAt, from: table + dataAt, to: table + (next?.dataAt ?? dataAt) };
  });
}

/** As `tools/icu/icu_small.json` of Node.js has it: languages but English, and trees that it gives none of. */
function isForeign(name: string): boolean {
  const path = name.slice(name.indexOf('/') + 1);
  if (/^(?:rbnf|translit|unit)\/|\.(?:cnv|dict)$/.test(path)) return true;
  const language = /^(?:[a-z]+\/)?([a-z]{2,3})(?:_\w+)?\.res$/.exec(path)?.[1];
  return language !== undefined && language !== 'en';
}
