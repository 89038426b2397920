import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../mutants/reference/server.ts';
import { conform } from './conform.ts';
import { masked } from './mask.ts';
import { reportAsBadge, reportAsJson, reportAsJunit } from './reports/documents.ts';
import { resultAsText } from './reports/text.ts';
import type { Report } from './results.ts';

const keys = { gatewayKey: 'stoa_gk_of-the-first-tenant', adminToken: 'stoa_op_of-the-operator', otherTenantKey: 'stoa_gk_of-another-tenant' };
let directory = '';
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stoa-kit-'));
  server = await startServer({ ...keys, intervalS: 30 });
  await writeFile(join(directory, 'key'), `${keys.gatewayKey}\n`);
  await writeFile(join(directory, 'bad'), 'stoa_gk_nobody-knows-it\n');
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await conform(args, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}
const against = (...more: string[]) => run('control-plane', '--url', server.url, '--gateway-key-file', join(directory, 'key'), ...more);

describe('the conformance kit', () => {
  it('passes a server that conforms, and says without a token of an operator what it did not look at', async () => {
    const { code, out } = await against('--only', 'REG-004');
    expect([code, out]).toEqual([0, expect.stringContaining('1 passed, 0 failed, 0 skipped')]);
    const operators = await against('--only', 'FAIL-410');
    expect([operators.code, operators.out]).toEqual([1, expect.stringContaining('It needs an operator: give --admin-token-file.')]);
    expect(operators.out).toContain('Not looked at: FAIL-410.');
  });

  it('asks for the two calls alone at the level adr', async () => {
    const { code, out } = await against('--level', 'adr');
    expect([code, out]).toEqual([0, expect.stringContaining('control-plane at level adr: 2 passed, 0 failed, 0 skipped.')]);
  });

  it('names of a failure the requirement, its sentence, its source and the exchange, in each report, and no secret', async () => {
    const files = ['json', 'junit', 'badge'].flatMap((name) => [`--${name}`, join(directory, name)]);
    const { code, out } = await run(
      'control-plane',
      '--url',
      server.url,
      '--gateway-key-file',
      join(directory, 'bad'),
      '--only',
      'REG-004',
      ...files,
    );
    const written = await Promise.all(['json', 'junit', 'badge'].map((name) => readFile(join(directory, name), 'utf8')));
    expect(code).toBe(1);
    for (const text of [out, written[0], written[1]]) {
      expect(text).toContain('A new boot_id takes the lease over: the epoch rises by one.');
      expect(text).toContain('docs/registration-protocol.md');
      expect(text).toContain('/v1/internal/gateways/register');
      expect(text).not.toContain('nobody-knows-it');
    }
    expect(written[2]).toContain('1 failed');
  });

  it.each([
    [[], 'Usage'],
    [['gate'], 'control-plane, gateway, link, connect'],
    [['control-plane'], '--url'],
    [['control-plane', '--url', 'http://127.0.0.1:1'], '--gateway-key-file'],
    [['control-plane', '--url', 'http://127.0.0.1:1', '--gateway-key-file', '/nowhere/key'], '--gateway-key-file'],
    [['control-plane', '--url', 'http://127.0.0.1:1', '--listen', '127.0.0.1:0'], '--listen'],
    [['connect'], '--listen'],
    [['connect', '--listen', '127.0.0.1:0', '--level', 'half'], '--level'],
    [['connect', '--lisen', '127.0.0.1:0'], 'lisen'],
  ])('refuses %j', async (args, named) => {
    const { code, out, err } = await run(...args);
    expect([code, `${out}${err}`]).toEqual([2, expect.stringContaining(named)]);
  });

  it('masks what it knows and what looks like a credential', () => {
    const text = masked('Bearer abc.def stoa_gk_abcdef {"secret":"s3cret"} own', ['own']);
    expect(text).toBe('Bearer *** stoa_gk_*** {"secret":"***"} ***');
  });

  it('writes documents that a parser reads, whatever a server answers', () => {
    const report: Report = {
      subject: 'connect',
      level: 'full',
      kit: '1.0.0',
      unseen: [],
      results: [
        {
          cites: ['REG-001'],
          sentence: 'it <registers> & "beats"',
          outcome: 'failed',
          reason: '\u0000]]><b>',
          durationMs: 3,
          exchanges: [{ request: 'GET /', answer: '<html>\u0007' }],
        },
      ],
    };
    expect(JSON.parse(reportAsJson(report))).toMatchObject({ failed: 1, results: [{ requirements: [{ id: 'REG-001' }] }] });
    const junit = reportAsJunit(report);
    expect(junit).toContain('it &lt;registers&gt; &amp; &quot;beats&quot;');
    expect([...junit].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
    expect(reportAsBadge(report)).toContain('1 failed');
    expect(report.results.map(resultAsText).join('\n')).toContain('GET /');
  });
});
