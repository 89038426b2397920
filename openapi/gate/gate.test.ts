import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runGate } from './gate.ts';
import { formatReport } from './report.ts';
import { sampleDocument, type Editable } from './sample-document.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stoa-gate-'));
  for (const name of ['management', 'runtime']) writeBoth(name, emptyDocument());
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (path: string, content: unknown): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
};

const emptyDocument = (): Editable => ({ openapi: '3.1.0', info: { title: 'Sample', version: '1' }, paths: {}, components: { schemas: {} } });

function writeBoth(name: string, baseline: Editable, current: Editable = baseline): void {
  write(`openapi/baseline/${name}.openapi.json`, baseline);
  write(`generated/${name}.openapi.json`, current);
}

const baselinePath = 'openapi/baseline/registration.openapi.json';
const currentPath = 'generated/registration.openapi.json';
const adr = 'docs/adr/061-fewer-labels.md';
const removal = { change: 'request-field-removed', where: '#/components/schemas/RegisterRequest/properties/labels' };
const allowance = (fields: object) => JSON.stringify([{ ...removal, adr, reason: 'Nobody used them.', ...fields }]);

function writeBrokenContract(): void {
  const current: Editable = sampleDocument();
  delete current.components.schemas.RegisterRequest.properties.labels;
  write(baselinePath, sampleDocument());
  write(currentPath, current);
}

describe('the gate over a repository', () => {
  it('passes an unchanged contract', () => {
    write(baselinePath, sampleDocument());
    write(currentPath, sampleDocument());
    expect(runGate(root)).toMatchObject({ passed: true, compared: ['registration', 'runtime', 'management'].map((name) => `${name}.openapi.json`) });
  });

  it('passes additive changes and lists them', () => {
    const current: Editable = sampleDocument();
    current.paths['/v1/apis'] = { get: { operationId: 'listApis', responses: {} } };
    write(baselinePath, sampleDocument());
    write(currentPath, current);
    const report = runGate(root);
    expect(report.passed).toBe(true);
    expect(formatReport(report)).toContain('path-added  /v1/apis');
  });

  it('refuses a break and says how one would be allowed', () => {
    writeBrokenContract();
    const report = runGate(root);
    expect(report).toMatchObject({ passed: false, verdict: { refused: [{ code: removal.change, where: removal.where }] } });
    expect(formatReport(report)).toContain('openapi/changes.yaml');
  });

  it('lets a break through that an existing ADR allows, and names the ADR', () => {
    writeBrokenContract();
    write(adr, '# 061');
    write('openapi/changes.yaml', allowance({}));
    const report = runGate(root);
    expect(report.passed).toBe(true);
    expect(formatReport(report)).toContain(adr);
  });

  it('refuses an allowance whose ADR does not exist', () => {
    writeBrokenContract();
    write('openapi/changes.yaml', allowance({}));
    const report = runGate(root);
    expect(report.passed).toBe(false);
    expect(report.faults).toEqual([expect.stringContaining(`${adr}, which does not exist`) as string]);
  });

  it('refuses an allowance that points out of docs/adr', () => {
    write('docs/adr/../notes.md', 'x');
    writeBrokenContract();
    write('openapi/changes.yaml', allowance({ adr: 'docs/adr/../notes.md' }));
    expect(runGate(root).passed).toBe(false);
  });

  it('refuses an allowance that matches nothing, or only another place', () => {
    writeBrokenContract();
    write(adr, '# 061');
    write('openapi/changes.yaml', allowance({ where: '#/components/schemas/Problem/properties/labels' }));
    const { verdict, passed } = runGate(root);
    expect(passed).toBe(false);
    expect(verdict.unused).toHaveLength(1);
    expect(verdict.refused).toHaveLength(1);
  });

  it('refuses an allowance that nobody uses, on an unchanged contract and beside one that is used', () => {
    writeBoth('registration', sampleDocument());
    write(adr, '# 061');
    write('openapi/changes.yaml', allowance({}));
    expect(runGate(root)).toMatchObject({ passed: false, faults: [], verdict: { refused: [], unused: [removal] } });
    expect(formatReport(runGate(root))).toContain('remove this entry');
    writeBrokenContract();
    expect(runGate(root).passed).toBe(true);
    const [used] = JSON.parse(allowance({})) as object[];
    write('openapi/changes.yaml', JSON.stringify([used, used]));
    expect(runGate(root)).toMatchObject({ passed: false, verdict: { refused: [], unused: [removal] } });
  });

  it('refuses an allowance for what is additive', () => {
    const current: Editable = sampleDocument();
    current.paths['/v1/apis'] = { get: { operationId: 'listApis', responses: {} } };
    writeBoth('registration', sampleDocument(), current);
    write(adr, '# 061');
    write('openapi/changes.yaml', allowance({ change: 'path-added', where: '/v1/apis' }));
    expect(runGate(root)).toMatchObject({ passed: false, verdict: { unused: [{ change: 'path-added' }] } });
  });

  it('says every fault of an allowance at once', () => {
    writeBrokenContract();
    write('openapi/changes.yaml', '- { change: x, adr: nowhere.md, because: no }\n');
    const { faults } = runGate(root);
    expect(faults).toHaveLength(4);
    write('openapi/changes.yaml', '- { change: x, where: y, reason: z, adr: 5 }\n');
    expect(runGate(root).faults).toHaveLength(1);
  });

  it.each(['registration', 'runtime', 'management'])('refuses to judge without a released %s document, or without the one of today', (name) => {
    writeBoth('registration', sampleDocument());
    for (const path of [`openapi/baseline/${name}.openapi.json`, `generated/${name}.openapi.json`]) {
      const text = readFileSync(join(root, path), 'utf8');
      rmSync(join(root, path));
      expect(runGate(root)).toMatchObject({ passed: false, faults: [expect.stringContaining(`${path} is missing`)] });
      write(path, text);
    }
    expect(runGate(root).passed).toBe(true);
  });

  it('refuses a baseline that nothing is compared with', () => {
    writeBoth('registration', sampleDocument());
    write('openapi/baseline/console.openapi.json', emptyDocument());
    expect(runGate(root).faults).toEqual([expect.stringContaining('console.openapi.json is compared with nothing')]);
  });

  describe.each([
    ['registration', true],
    ['runtime', true],
    ['management', false],
  ])('a break of the %s document', (name, needsAdr) => {
    const named = { change: 'path-removed', where: '/v1/extra', reason: 'Nobody asked it.' };
    const withExtra = (document: Editable): Editable => ({ ...document, paths: { ...document.paths, '/v1/extra': {} } });

    beforeEach(() => {
      writeBoth('registration', sampleDocument());
      const kept = name === 'registration' ? sampleDocument() : emptyDocument();
      writeBoth(name, withExtra(kept), kept);
      write(adr, '# 061');
    });

    it('fails while changes.yaml does not name it', () => {
      expect(runGate(root)).toMatchObject({ passed: false, verdict: { refused: [{ code: named.change, where: named.where, needsAdr }] } });
    });

    it(needsAdr ? 'fails while it is named without an ADR, and says so' : 'passes when it is named, without an ADR', () => {
      write('openapi/changes.yaml', JSON.stringify([named]));
      expect(runGate(root).passed).toBe(!needsAdr);
      expect(formatReport(runGate(root))).toContain(needsAdr ? 'This needs an ADR.' : named.reason);
    });

    it('passes when an ADR allows it', () => {
      write('openapi/changes.yaml', JSON.stringify([{ ...named, adr }]));
      expect(runGate(root).passed).toBe(true);
    });
  });

  it('asks for an ADR when a schema breaks that the management API shares with the registration', () => {
    const [before, after]: Editable[] = [emptyDocument(), emptyDocument()];
    const { paths, components } = sampleDocument();
    Object.assign(before, { paths: { '/v1/gateways': paths?.['/v1/gateways'] }, components });
    Object.assign(after, structuredClone(before));
    delete after.components.schemas.Problem.properties.title;
    const current: Editable = sampleDocument();
    delete current.components.schemas.Problem.properties.title;
    writeBoth('management', before, after);
    writeBoth('registration', sampleDocument(), current);
    write(
      'openapi/changes.yaml',
      JSON.stringify([{ change: 'response-field-removed', where: '#/components/schemas/Problem/properties/title', reason: 'x' }]),
    );
    expect(runGate(root).verdict.refused).toMatchObject([{ code: 'response-field-removed', needsAdr: true }]);
  });

  it('refuses two documents that disagree on one schema, though each agrees with its own baseline', () => {
    const other = emptyDocument();
    other.components.schemas = { Problem: { type: 'object', properties: { title: { type: 'integer' } } } };
    writeBoth('registration', sampleDocument());
    writeBoth('management', other);
    expect(runGate(root)).toMatchObject({ passed: false, faults: [expect.stringContaining('The schema Problem is one thing in one document')] });
    other.components.schemas = { Problem: (sampleDocument() as Editable).components.schemas.Problem };
    writeBoth('management', other);
    expect(runGate(root).passed).toBe(true);
  });

  it('refuses a released document that is no longer generated', () => {
    write(baselinePath, sampleDocument());
    expect(runGate(root)).toMatchObject({ passed: false, faults: [expect.stringContaining('generated/registration.openapi.json is missing')] });
  });

  it('holds the registration document against ADR-057 even when the baseline is wrong, too', () => {
    const wrong: Editable = sampleDocument();
    delete wrong.paths['/v1/internal/gateways/register'];
    write(baselinePath, wrong);
    write(currentPath, wrong);
    expect(runGate(root).verdict.refused).toMatchObject([{ code: 'adr-057-call', where: 'POST /v1/internal/gateways/register' }]);
  });

  it('exits 1 from the command line on a break and 0 without one', () => {
    const check = () => spawnSync(process.execPath, [join(import.meta.dirname, 'check.ts'), root], { encoding: 'utf8' });
    writeBrokenContract();
    expect(check()).toMatchObject({ status: 1, stdout: expect.stringContaining('The contract is broken') as string });
    write(currentPath, sampleDocument());
    expect(check()).toMatchObject({ status: 0, stdout: expect.stringContaining('The contract holds') as string });
  });
});
