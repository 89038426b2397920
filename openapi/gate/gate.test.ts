import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runGate } from './gate.ts';
import { formatReport } from './report.ts';
import { sampleDocument, type Editable } from './sample-document.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stoa-gate-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (path: string, content: unknown): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
};

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
    expect(runGate(root)).toMatchObject({ passed: true, compared: ['registration.openapi.json'] });
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

  it('says every fault of an allowance at once', () => {
    writeBrokenContract();
    write('openapi/changes.yaml', '- { change: x, adr: nowhere.md, because: no }\n');
    const { faults } = runGate(root);
    expect(faults).toHaveLength(4);
  });

  it('refuses to judge without a released registration document', () => {
    write(currentPath, sampleDocument());
    expect(runGate(root)).toMatchObject({
      passed: false,
      faults: [expect.stringContaining('openapi/baseline/registration.openapi.json is missing')],
    });
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
