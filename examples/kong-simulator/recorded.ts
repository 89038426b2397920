import { readFileSync } from 'node:fs';

/** One exchange with a real Kong 3.9.3. A line that only names a section has no `path`. */
export interface Recording {
  title: string;
  where: 'admin' | 'proxy';
  method: string;
  path: string;
  reqHeaders?: Record<string, string>;
  reqBody?: unknown;
  /** The content type of the request when it is not JSON. */
  type?: string;
  status: number;
  resHeaders: Record<string, string>;
  resBody: unknown;
}

/** A program that is built has the files at their paths below the root. */
const folder = import.meta.url.endsWith('.ts') ? './' : './examples/kong-simulator/';

/** Every exchange of one file of `recordings/`, in the order it was made. */
export function readRecordings(file: string): Recording[] {
  const text = readFileSync(new URL(`${folder}recordings/${file}`, import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Recording).filter((recording) => recording.path !== undefined);
}

const recordings = ['kong-db.recordings.jsonl', 'kong-db2.recordings.jsonl'].flatMap(readRecordings);

/** What the real Kong answered to a `GET`: for the answers the simulator repeats rather than computes. */
export function recordedAnswer(path: string): Record<string, unknown> {
  const found = recordings.find((recording) => recording.method === 'GET' && recording.path === path);
  if (!found) throw new Error(`The recordings hold no GET ${path}: restore examples/kong-simulator/recordings.`);
  return structuredClone(found.resBody) as Record<string, unknown>;
}
