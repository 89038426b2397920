import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asGateway } from '@stoa/server/testing/gateways.ts';
import { startTestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import type { TestControlPlane } from '@stoa/server/testing/test-control-plane.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine, Ended } from './command-line.ts';

let plane: TestControlPlane;
let cli: CommandLine;
let file: string;
const run = (line: string, given = {}): Promise<Ended> => cli.run(line.split(' '), given);
const lines = (): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

beforeAll(async () => {
  plane = await startTestControlPlane();
  cli = commandLine();
  file = join(cli.dir, 'audit.jsonl');
  await cli.run(['context', 'set', 'test', '--server', plane.url, '--token-file', '-'], { stdin: plane.adminToken });
  for (const name of ['alice', 'bert']) await plane.request('POST', '/v1/consumers', { body: { name } });
});
afterAll(async () => {
  cli.remove();
  await plane.close();
});

describe('stoactl audit', () => {
  it('lists what was done, the newest first, as a table, JSON and JSON Lines', async () => {
    const { code, out, err } = await run('audit list --kind change --limit 1');
    expect([code, err]).toEqual([0, 'There are older ones: --all shows them all, --limit more of them.\n']);
    expect(out).toMatch(/^AT +ACTION +OBJECT +WHO +FROM +OUTCOME\n\S+Z +createConsumer +consumer\/bert +first owner +127\.0\.0\.1 +done\n$/);
    const all = await run('audit list --all --limit 1 --action createConsumer -o jsonl');
    const names = all.out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { object: { name: string } }).object.name);
    expect(names).toEqual(['bert', 'alice']);
    expect(JSON.parse((await run('audit list --object alice --since 2026-01-01 -o json')).out)).toMatchObject({
      items: [{ action: 'createConsumer' }],
    });
    expect(await run('audit list --action createConsumr')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^--action: must be an operationId or a step of signing in: did you mean createConsumer/),
    });
    expect((await run('audit list --action apis')).err).toContain('did you mean listApis');
    // Nothing of it was recorded, which is no fault.
    expect((await run('audit list --action switchTenant')).code).toBe(0);
    expect(await run('audit list --since yesterday')).toMatchObject({ code: 2, err: expect.stringContaining('--since takes a time') });
  });

  it('tells of calls that a runtime refused why, and how many', async () => {
    const gateways = asGateway(plane, await plane.mintGatewayKey());
    const { gateway_id: id } = (await gateways.register('gateway')).body;
    const bert = (await plane.request<{ items: { name: string; consumer_id: string }[] }>('GET', '/v1/consumers')).body.items.find(
      ({ name }) => name === 'bert',
    );
    const call = { window_start: new Date().toISOString(), api_id: randomUUID(), operation_id: 'getOrder', door: 'rest', errors: 0, duration_ms: 1 };
    const refusals = [{ reason: 'time_refused', policy: 'office-hours', calls: 40, address: '192.0.2.7' }];
    const records = [{ ...call, consumer_id: bert?.consumer_id, calls: 41, denied: 40, refusals }];
    await gateways.reportUsage(id, { boot_id: randomUUID(), seq: 1, records });
    const told = new RegExp(`call: time_refused by office-hours × 40 +api/\\S+ +bert +192\\.0\\.2\\.7 +refused`);
    await vi.waitFor(async () => expect((await run('audit list --action call')).out).toMatch(told));
  });

  it('lets the server verify, and verifies an export without it by the public key', async () => {
    expect(await run('audit verify')).toMatchObject({ code: 0, out: expect.stringMatching(/^The audit is intact: records 1 to \d+; /) });
    const { out } = await run(`audit export --to ${file}`);
    expect(out).toBe(`${lines().length} lines are in ${file}.\n`);
    const key = (JSON.parse((await run('audit keys -o json')).out) as { items: [{ public_key: string }] }).items[0].public_key;
    const nowhere = { STOA_CONTEXT: 'none of them' };
    const verified = await run(`audit verify --file ${file} --key ${key}`, { env: nowhere });
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(
      /^The audit of tenant \S+ is intact: records 1 to \d+; a signed checkpoint vouches for it up to \d+\. Its last hash is sha256:/,
    );
    writeFileSync(join(cli.dir, 'audit.pub'), `${key}\n`);
    expect((await run(`audit verify --file ${file} --key @${join(cli.dir, 'audit.pub')}`, { env: nowhere })).code).toBe(0);
    expect((await run(`audit verify --file ${file}`)).code).toBe(0);
    expect((await run(`audit verify --file ${file} --key none`, { env: nowhere })).code).toBe(2);
    expect((await run('audit export')).out.split('\n').length).toBe(lines().length + 3);
  });

  it.each<[what: string, tampered: (all: string[]) => string[], told: string]>([
    ['removed', (all) => all.filter((_line, index) => index !== 1), 'Record 2 was removed.'],
    [
      'changed',
      (all) => all.map((line, index) => (index === 1 ? line.replace('createConsumer', 'deleteConsumer') : line)),
      'Record 2 is not what was written.',
    ],
    ['moved', ([one = '', two = '', ...rest]) => [two, one, ...rest], 'Record 1 stands after 2.'],
  ])('ends with 1 where a line was %s, and says where', async (_what, tampered, told) => {
    const original = lines();
    writeFileSync(file, `${tampered(original).join('\n')}\n`);
    const { code, out } = await run(`audit verify --file ${file}`);
    expect([code, out.split('\n')[1]]).toEqual([1, `  ${told}`]);
    writeFileSync(file, `${original.join('\n')}\n`);
  });

  it('says which line is none of an audit', async () => {
    const other = join(cli.dir, 'other.jsonl');
    writeFileSync(other, `${lines()[0]}\n{"type":"record"\n`);
    expect(await run(`audit verify --file ${other}`)).toMatchObject({ code: 1, err: expect.stringContaining('line 2 is no line of an audit') });
    expect(await run('audit verify --file nowhere.jsonl')).toMatchObject({ code: 1, err: expect.stringContaining('ENOENT') });
  });
});

describe('stoactl consumers erase', () => {
  it('asks a person for the name again, and a script for --yes', async () => {
    expect(await run('consumers erase alice')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await run('consumers erase alice', { person: true, stdin: 'bert\n' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing was erased.'),
    });
    const { code, out } = await run('consumers erase alice', { person: true, stdin: 'alice\n' });
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^The consumer is erased-[0-9a-f]{12} from now on; \d fields of the audit name nobody any more\.\n$/),
    ]);
    expect((await run('get consumers -o name')).out).toMatch(/^consumer\/erased-[0-9a-f]{12}\nconsumer\/bert\n$/);
    expect((await run('audit export')).out).not.toContain('alice');
    expect((await run('audit verify')).out).toMatch(/ 3 fields were erased\./);
    expect((await run('consumers erase alice --yes')).code).toBe(5);
  });
});
