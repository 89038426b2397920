import { readFileSync } from 'node:fs';

/** One exchange with a real Gravitee APIM 4.10.9: its Management API, or its gateway. */
export interface Recording {
  n: number;
  side: 'management' | 'gateway';
  method: string;
  path: string;
  requestHeaders: Record<string, string>;
  requestBody: unknown;
  status: number;
  /** Those that were kept. */
  responseHeaders: Record<string, string>;
  responseBody: unknown;
  note?: string;
}

const file = new URL('./recordings/gravitee-4.10.recordings.jsonl', import.meta.url);

/** Every exchange, in the order it was made. */
export function readRecordings(): Recording[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Recording);
}

let all: Recording[] | undefined;

/** What the real one answered to the call with this number: for the answers that the simulator repeats rather than computes. */
export function recordedAnswer(number: number): unknown {
  all ??= readRecordings();
  const found = all.find(({ n }) => n === number);
  if (!found) throw new Error(`The recordings hold no exchange ${number}: restore examples/gravitee-simulator/recordings.`);
  return structuredClone(found.responseBody);
}
