import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import management from '@stoa/generated/management.openapi.json' with { type: 'json' };
import { kinds } from '@stoa/stoactl/kinds.ts';
import { manifestKinds } from '@stoa/stoactl/manifests/manifest.ts';
import { commandLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

let cli: CommandLine;
beforeAll(() => {
  // Nobody is signed in, and there is no context.
  cli = commandLine();
});
afterAll(() => cli.remove());
const run = (line: string) => cli.run(line.split(' '));
type Told = { of: string; field: string; forms: Record<string, unknown>[]; fields?: Told[] };
const told = async (line: string): Promise<Told[]> => (JSON.parse((await run(`explain ${line} -o json`)).out) as { items: Told[] }).items;

describe('stoactl explain', () => {
  it('tells meaning, type, default and allowed values of a field, without a server', async () => {
    expect(await run('explain deployment.spec.revision')).toEqual({
      code: 0,
      err: '',
      out: `Deployment.spec.revision, in manifests

  meaning   Which revision of the API is deployed: \`newest\` follows every update, a number is pinned. To roll back is to pin.
  type      string or integer
  default   "newest"
  allowed   newest
  value     must be a whole number from 1 to 2147483647
`,
    });
    expect((await run('explain api.spec.open_to_all_consumers')).out).toContain('\n  type      boolean\n  default   false\n');
    expect((await run('explain deployments.spec.targets.modes[]')).out).toMatch(
      /type {6}list of string\n {2}allowed {3}edge_mcp, sidecar, connect\n/,
    );
  });

  it('tells a kind as people write it and as the server shows it, with the fields that each has', async () => {
    const { out } = await run('explain policies');
    expect(out).toMatch(
      /^Policy, in manifests\n\n {2}meaning {3}A policy\.\n[^]* {2}spec +object, required +A policy and what it is attached to\.\n/,
    );
    expect(out).toMatch(/\nPolicy, as the server shows it\n[^]* {2}state +string +How it fares/);
    expect((await run('explain gateway.config.state')).out).toContain('allowed   none, pending, in_sync');
  });

  it('tells apart the forms that a field has, and which values tell the forms', async () => {
    const [kind] = await told('policy.spec.policy.kind');
    const all = management.components.schemas.PolicySpec.oneOf.length;
    expect(kind?.forms).toEqual([expect.objectContaining({ allowed: expect.arrayContaining(['rate_limit', 'cors', 'tool_access']) })]);
    expect(kind?.forms[0]?.['allowed']).toHaveLength(all);
    const [limit] = await told('policy.spec.policy.config.limit');
    expect(limit?.forms).toEqual([
      expect.objectContaining({ when: 'kind: rate_limit', type: 'integer', required: true }),
      expect.objectContaining({ when: 'kind: quota' }),
    ]);
    const [window] = await told('policy.spec.policy.config.window_s');
    expect(window?.forms).toMatchObject([
      { when: 'kind: rate_limit', must: ['must be a whole number from 1 to 86400'] },
      { when: 'kind: circuit_breaker', must: ['must be a whole number from 1 to 3600'] },
    ]);
  });

  it('takes a mapping for what it is, and tells everything below with --recursive', async () => {
    expect((await told('consumer.metadata.labels.team'))[0]).toMatchObject({ forms: [{ type: 'string' }] });
    expect((await run('explain policy --recursive')).out).toMatch(
      /\n {2}spec\.policy\.config\.window_s +integer, required +\(kind: rate_limit\) The length/,
    );
    expect((await run('explain plan')).out).not.toContain('spec.apis');
  });

  it('names the nearest field, and where else one of the name is', async () => {
    const wrong = async (field: string) => {
      const { code, err } = await run(`explain ${field}`);
      expect(code).toBe(2);
      return err;
    };
    expect(await wrong('plan.spec.apisx')).toBe('Plan.spec has no field apisx: did you mean Plan.spec.apis?\n');
    expect(await wrong('policy.limit')).toMatch(/^Policy has no field limit: did you mean Policy\.spec\.policy\.config\.limit or /);
    expect(await wrong('consumer.spec.colour')).toBe('Consumer.spec has no field colour. It has certificates, tool_exposure, team.\n');
    expect(await wrong('plan.spec.colour')).toBe('Plan.spec has no field colour. It has description, apis, policies.\n');
    expect(await wrong('polcy')).toBe('There is no kind polcy: did you mean policy?\n');
  });

  it('knows every kind that there is, each manifest with all of its fields', async () => {
    for (const { plural, name } of kinds) {
      const items = await told(`${plural} --recursive`);
      expect([name, items.map(({ of }) => of)]).toEqual([name, [...(manifestKinds.some((kind) => kind === name) ? ['manifest'] : []), 'answer']]);
      for (const { fields = [] } of items)
        expect(fields.every(({ forms }) => forms.every(({ description }) => description !== undefined))).toBe(true);
    }
  });
});
