import { spawn } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { closeGracefully } from '@stoa/lib/listen.ts';
import { answerOperations, answers, expectedOf, startAnswering } from '@stoa/mcp/doors/mcp/testing/answers.ts';
import { configOf, keys, startDoor } from '@stoa/mcp/doors/mcp/testing/fixture.ts';
import { cache, goProgram, pythonWith } from './install.ts';

/** Has the SDKs of other languages, and frameworks built on them, read every answer that a gateway may give. */
const home = import.meta.dirname;
const goSdk = 'github.com/modelcontextprotocol/go-sdk/mcp@v1.8.0';

type Client = {
  readonly name: string;
  /** Installs what the client needs; answers how to start it. */
  prepare(): string[];
  /** JavaScript and Go round what is beyond 2^53 when they read it. */
  readonly isExact: boolean;
};

function python(name: string, requirement: string, script: string, ...more: string[]): Client {
  return { name, isExact: true, prepare: () => [pythonWith(requirement), `${home}/python/${script}`, ...more] };
}

const go: Client = {
  name: goSdk,
  isExact: false,
  prepare() {
    const folder = `${cache}/go`;
    mkdirSync(folder, { recursive: true });
    cpSync(`${home}/go/main.go`, `${folder}/main.go`);
    return [goProgram(folder, [goSdk])];
  },
};

const clients: Client[] = [
  python('Python mcp 1.30.0', 'mcp==1.30.0', 'mcp1.py'),
  python('Python mcp 2.3.0', 'mcp==2.3.0', 'mcp2.py', 'auto'),
  python('Python mcp 2.3.0 with the older handshake', 'mcp==2.3.0', 'mcp2.py', 'legacy'),
  python('Python fastmcp 4.2.3', 'fastmcp==4.2.3', 'fastmcp_client.py'),
  python('Python openai-agents 0.24.0', 'openai-agents==0.24.0', 'openai_agents_client.py'),
  python('Python pydantic-ai 2.68.0', 'pydantic-ai-slim[mcp]==2.68.0', 'pydantic_ai_client.py'),
  go,
];

type Line = { name: string; error?: string; isError?: boolean; content?: string[]; text?: string; structure?: unknown };

/** Sentences on what the client did not read as it was sent. */
async function faultsOf(client: Client, url: string): Promise<string[]> {
  const [command = '', ...args] = client.prepare();
  const at = args.findIndex((arg) => arg.endsWith('.py')) + 1;
  const names = Object.keys(answers);
  const child = spawn(command, [...args.slice(0, at), url, keys.agent, ...args.slice(at)], { stdio: ['pipe', 'pipe', 'inherit'], timeout: 120_000 });
  child.stdin.end(names.join('\n'));
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const lines = new Map(
    output
      .split('\n')
      .filter(Boolean)
      .map((text) => [(JSON.parse(text) as Line).name, text]),
  );
  return names.flatMap((name) => faultOf(client, name, lines.get(name)) ?? []);
}

function faultOf({ isExact }: Client, name: string, text: string | undefined): string | undefined {
  if (text === undefined) return `${name}: the client ended before it`;
  const read = JSON.parse(text) as Line;
  if (read.error !== undefined) return `${name}: ${read.error}`;
  const expected = expectedOf(name);
  if (read.isError !== expected.isError) return `${name}: isError is ${read.isError}`;
  if (!isDeepStrictEqual(read.content, expected.content)) return `${name}: the content is ${read.content?.join(', ')}`;
  if (read.text?.includes(expected.text) !== true) return `${name}: the text is ${read.text}`;
  // Python has no negative zero among its whole numbers.
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));
  if (!isDeepStrictEqual(plain(read.structure), plain(expected.structure))) return `${name}: the structure is ${JSON.stringify(read.structure)}`;
  const digits = /\d{16,}/.exec(answers[name]?.structure?.replace(/0\.\d+/, '') ?? '')?.[0];
  return isExact && digits !== undefined && !text.includes(`${digits}`) ? `${name}: ${digits} was rounded: ${text}` : undefined;
}

const upstream = await startAnswering();
const door = await startDoor({ config: configOf(answerOperations, upstream.url) });
let failed = 0;
try {
  for (const client of clients) {
    const faults = await faultsOf(client, door.url);
    failed += faults.length;
    console.log(`${client.name}: reads ${Object.keys(answers).length - faults.length} of ${Object.keys(answers).length} answers`);
    for (const fault of faults) console.log(`  ${fault}`);
  }
} finally {
  await door.close();
  await closeGracefully(upstream.server, 0);
}
process.exitCode = failed === 0 ? 0 : 1;
