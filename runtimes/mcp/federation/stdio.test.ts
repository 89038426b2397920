import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumerItem } from '../testing/fixtures.ts';
import { commandsFault, commandsIn } from './commands.ts';
import { mcpServerItem, serves, startLinkWith } from './testing/gateway.ts';
import type { TestGateway } from './testing/gateway.ts';
import { rawClient } from './testing/raw-client.ts';
import type { RawClient } from './testing/raw-client.ts';

const agent = consumerItem();
const script = join(import.meta.dirname, 'testing/stdio-server.ts');
const table = { local: { command: process.execPath, args: [script], env: ['FIXTURE_TOKEN'] }, missing: { command: '/nowhere/at-all' } };

/** Whether a process is there. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('an MCP server that a Link starts', () => {
  let link: TestGateway;
  let client: RawClient;
  beforeAll(async () => {
    process.env['FIXTURE_TOKEN'] = 'for-the-command';
    process.env['FIXTURE_OTHER'] = 'not-for-the-command';
    const { http: _, ...item } = mcpServerItem('http://127.0.0.1:9');
    const { http: __, ...away } = mcpServerItem('http://127.0.0.1:9', { name: 'away', prefix: 'away_' });
    link = await startLinkWith(
      commandsIn(JSON.stringify(table)),
      { ...item, stdio: { command: 'local' } },
      { ...away, stdio: { command: 'missing' } },
      agent.item,
    );
    await link.until(() => serves(link, 'tickets_pid'));
    client = await rawClient(link.url, 'legacy', { key: agent.key });
  });
  afterAll(() => {
    delete process.env['FIXTURE_TOKEN'];
    delete process.env['FIXTURE_OTHER'];
  });
  const call = async (name: string, params: object = {}): Promise<string> => {
    const { answer } = await client.ask('tools/call', { name: `tickets_${name}`, arguments: {}, ...params });
    return answer.get('result') ?? answer.get('error') ?? '';
  };
  const value = async (name: string): Promise<unknown> =>
    JSON.parse((JSON.parse(await call(name)) as { content: { text: string }[] }).content[0]?.text ?? '');

  it('serves its tools, and has of our environment only what is named', async () => {
    expect(await value('env')).toMatchObject({ FIXTURE_TOKEN: 'for-the-command' });
    expect(await value('env')).not.toHaveProperty('FIXTURE_OTHER');
  });

  it('tells each caller of the progress of his own call, whatever token he gave it', async () => {
    const told = await Promise.all(
      ['a', 'a', 7].map((progressToken) => client.ask('tools/call', { name: 'tickets_count', arguments: {}, _meta: { progressToken } })),
    );
    const tokens = told.map(({ notifications }) =>
      notifications.map((text) => (JSON.parse(text) as { params: { progressToken: unknown } }).params.progressToken),
    );
    expect(tokens).toEqual([
      ['a', 'a'],
      ['a', 'a'],
      [7, 7],
    ]);
  });

  it('that crashes answers with a sentence, and is started again', async () => {
    const before = await value('pid');
    expect(await call('crash')).toContain('The command has ended with status 3');
    await link.until(() => link.runtime.engine?.federation.status().find(({ name }) => name === 'tickets')?.state === 'connected');
    expect(await value('pid')).not.toBe(before);
  });

  it('asks a client only in a process of its own', async () => {
    const asked = await rawClient(link.url, 'modern', { key: agent.key, capabilities: { elicitation: {} } });
    const { answer } = await asked.ask('tools/call', { name: 'tickets_ask', arguments: {} });
    expect(answer.get('result')).toContain('"resultType":"input_required"');
    expect(await call('ask')).toMatch(/not support|Method not found/);
  });

  it('that cannot be started is said to be unreachable, a command that there is not is rejected, and what is served no more is ended', async () => {
    await link.until(() => link.reports.some(({ report: { reason } }) => reason?.includes('cannot be started') === true));
    const { http: _, ...item } = mcpServerItem('http://127.0.0.1:9');
    const pid = (await value('pid')) as number;
    expect(lives(pid)).toBe(true);
    expect(await link.apply({ ...item, stdio: { command: 'unheard-of' } }, agent.item)).toMatchObject({
      items: [{ state: 'rejected', reason: expect.stringContaining('no command unheard-of in STOA_MCP_COMMANDS') as string }],
    });
    // What is served no more is ended, and so is everything when the Link stops.
    await link.until(() => !lives(pid));
    await link.stop();
  });
});

describe('STOA_MCP_COMMANDS', () => {
  it.each([
    ['tickets', 'must be a JSON object, such as'],
    ['[]', 'must be a JSON object of commands'],
    ['{"A":{"command":"x"}}', 'must hold names of 1 to 63 lower-case letters'],
    ['{"a":{"command":""}}', 'has the command a, whose command must be the path'],
    ['{"a":{"command":"x","args":"y"}}', 'has the command a, whose args must be a list'],
    ['{"a":{"command":"x","env":["A=1"]}}', 'has the command a, whose env must be a list of names'],
    ['{"a":{"command":"x","env":["STOA_GATEWAY_KEY"]}}', 'which is a setting of this program'],
    ['{"a":{"command":"x","shell":true}}', 'has the command a, which has the member "shell"'],
  ])('%s is refused, and it is said why', (text, words) => {
    expect(commandsFault(text)).toContain(words);
  });

  it('names what is started, and nothing more of its environment than names', () => {
    expect(commandsFault(JSON.stringify(table))).toBeUndefined();
    expect(commandsIn(undefined).size).toBe(0);
  });
});
