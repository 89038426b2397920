import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { renderMetrics } from '@stoa/connect/metrics.ts';
import { outcomes } from '@stoa/mcp/metering/tally.ts';
import { version } from '@stoa/lib/version.ts';
import { parse } from 'yaml';
import { matrix, refused } from '../../build/charts/matrix.ts';
import { openApiJudge } from '../../build/charts/openapi-judge.ts';
import { charts, settingNames } from '../../deploy/helm/charts.ts';
import { generatedSchemas } from '../../deploy/helm/generate.ts';
import { valuesSchema } from '../../deploy/helm/values-schema.ts';
import { settings as controlPlane } from '@stoa/server/config.ts';
import { usualRegistry } from '../../build/images/images.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const helm = 'deploy/helm';
const all = ['stoa-common', ...charts.map(({ name }) => name), 'stoa'];
const templates = all.flatMap((chart) =>
  readdirSync(join(root, helm, chart, 'templates'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(tpl|yaml)$/.test(file))
    .map((file) => read(join(helm, chart, 'templates', file))),
);

/** What Helm makes of a chart's own values and of those that are given: maps are merged, all else is replaced. */
function merged(own: unknown, given: unknown): unknown {
  const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(own) || !isMap(given)) return given;
  const keys = new Set([...Object.keys(own), ...Object.keys(given)]);
  return Object.fromEntries([...keys].map((key) => [key, key in given ? merged(own[key], given[key]) : own[key]]));
}

describe.each(charts)('the chart $name', (chart) => {
  const schema = valuesSchema(chart);
  const isValid = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true }).compile(schema);
  const own = parse(read(`${helm}/${chart.name}/values.yaml`)) as Record<string, unknown>;

  it('has the schema of the settings as they are: run `make generate` and commit', () => {
    for (const [file, text] of generatedSchemas()) expect(read(join(helm, file))).toBe(text);
  });

  it.each(matrix[chart.name].map((each) => [each.title, each.values] as const))('takes its values %s', (_, values) => {
    isValid(merged(own, values));
    expect(isValid.errors).toBeNull();
  });

  it('has in its values.yaml each key that it takes, so that nobody has to look for one', () => {
    const taken = Object.keys(schema['properties'] as object).filter((key) => !['global', 'stoa-common'].includes(key));
    expect(Object.keys(own).sort()).toEqual(taken.sort());
  });

  it('refuses what is a slip', () => {
    for (const { values, says } of refused.filter((each) => each.chart === chart.name)) {
      expect(isValid(merged(own, values))).toBe(false);
      expect(JSON.stringify(isValid.errors)).toMatch(says);
    }
  });

  it('says of everything that it takes what it is', () => {
    const bare = (found: unknown, path: string): string[] => {
      const { properties = {} } = found as { properties?: Record<string, { description?: string }> };
      return Object.entries(properties).flatMap(([key, property]) => [
        ...(property.description === undefined ? [`${path}.${key}`] : []),
        ...bare(property, `${path}.${key}`),
      ]);
    };
    expect(bare(schema, '')).toEqual([]);
  });

  it('gives a pod as long to end as it may take', () => {
    const { preStopSeconds, terminationGracePeriodSeconds } = own as Record<string, number>;
    expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual((preStopSeconds ?? 0) + programEndsWithinS);
  });

  it('takes images from where archives of images say that they are', () => {
    expect(own['image']).toMatchObject({ registry: usualRegistry, tag: '' });
  });

  it('shows and alerts on metrics that there are', () => {
    const known = metricsOf[chart.name] ?? new Set();
    const files = ['alerts.yaml', 'dashboard.json'].map((file) => read(`${helm}/${chart.name}/files/${file}`));
    const used = files.flatMap((text) => text.match(/\bstoa_[a-z_]+/g) ?? []);
    expect(used.length).toBeGreaterThan(6);
    expect(used.filter((name) => !known.has(name.replace(/_(?:bucket|sum|count)$/, '')) && !known.has(name))).toEqual([]);
    const named = files.flatMap((text) => [...text.matchAll(/outcome=~\\?"([^"\\]+)/g)].flatMap(([, list = '']) => list.split('|')));
    expect(named.filter((name) => !(outcomes as readonly string[]).includes(name))).toEqual([]);
    expect(files.every((text) => text.includes('@OF@'))).toBe(true);
    const alerts = parse((files[0] ?? '').replaceAll('@OF@', 'namespace="a",service="b"')) as { groups: { rules: { expr: string }[] }[] };
    expect(alerts.groups.flatMap(({ rules }) => rules).every(({ expr }) => expr.includes('{namespace="a",service="b"'))).toBe(true);
    expect(JSON.parse(files[1] ?? '')).toMatchObject({ uid: chart.name });
  });
});

/** `onShutdown` of lib/shutdown.ts: its time-out, and what it gives whatever is forced. */
const programEndsWithinS = ['timeoutMs = ', 'forceMs = ']
  .map((name) => Number(new RegExp(`${name}([\\d_]+)`).exec(read('lib/shutdown.ts'))?.[1]?.replaceAll('_', '')) / 1000)
  .reduce((sum, seconds) => sum + seconds, 0);

const namesIn = (...files: string[]) => new Set(files.flatMap((file) => read(file).match(/\bstoa_[a-z_]+/g) ?? []));
const ofEngine = namesIn(
  'runtimes/mcp/metering/metrics.ts',
  'runtimes/mcp/upstream/protection/metrics.ts',
  'runtimes/mcp/decide/replicas/replicas.ts',
);
const agent = {
  targetReachable: true,
  passes: 0,
  failedPasses: 0,
  writes: 0,
  driftObjects: 0,
  driftRepaired: 0,
  managedObjects: 0,
  rejectedItems: 0,
};
const health = { target_ready: 1, target_certificate_ends_at_seconds: 1, target_error_ratio: 0 };
const metricsOf: Record<string, ReadonlySet<string>> = {
  'stoa-control-plane': namesIn('server/metrics.ts'),
  'stoa-gateway': ofEngine,
  'stoa-link': ofEngine,
  'stoa-connect': new Set(renderMetrics(agent as never, health).match(/^stoa_[a-z_]+/gm)),
};

describe('the charts', () => {
  it.each(all)('%s has the version of the product', (chart) => {
    const manifest = parse(read(`${helm}/${chart}/Chart.yaml`)) as { version: string; appVersion?: string; dependencies?: { version: string }[] };
    const versions = [
      manifest.version,
      ...(chart === 'stoa-common' ? [] : [manifest.appVersion]),
      ...(manifest.dependencies ?? []).map((each) => each.version),
    ];
    expect(new Set(versions)).toEqual(new Set([version]));
  });

  it('ask only at addresses that the programs serve', () => {
    const asked = new Set(
      templates.flatMap((text) => [...text.matchAll(/(?:httpGet: \{ path: |^ {8}- )(\/[a-z]+z?)\b[, \n]/gm)].map(([, path]) => path ?? '')),
    );
    expect([...asked].sort()).toEqual(['/healthz', '/readyz', '/version']);
    for (const document of ['control-plane', 'runtime']) {
      const { paths } = parse(read(`openapi/${document}.yaml`)) as { paths: Record<string, unknown> };
      expect([...asked, '/metrics'].filter((path) => !(path in paths))).toEqual([]);
    }
  });

  it('set nothing in the environment of a program that it does not know', () => {
    const named = new Set(templates.flatMap((text) => text.match(/\bSTOA_[A-Z_]+\b/g) ?? []));
    expect(named.size).toBeGreaterThan(6);
    for (const chart of charts) {
      const others =
        chart.name === 'stoa-control-plane' ? ['STOA_INSTANCE_NAME', 'STOA_STATE_DIR', 'STOA_GATEWAY_KEY'] : ['STOA_METRICS_LISTEN', 'STOA_DATA_DIR'];
      expect([...named].filter((name) => !settingNames(chart).includes(name) && !others.includes(name))).toEqual([]);
    }
  });

  it('leave out of the settings that one gives what they set themselves', () => {
    for (const { managed, settings } of charts) expect(Object.keys(settings()['properties'] as object)).toEqual(expect.arrayContaining([...managed]));
  });

  it('give the Control Plane all that it needs to start with a database of its own', () => {
    const { secrets } = parse(read(`${helm}/stoa-control-plane/values.yaml`)) as { secrets: Record<string, unknown> };
    const url = (role: string) => `postgresql://${role}:x@db.example:5432/stoa`;
    const given: Record<string, string> = {
      DATABASE_URL: url('a'),
      STOA_DATABASE_UNSCOPED_URL: url('b'),
      STOA_DATABASE_OWNER_URL: url('c'),
      STOA_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    };
    const env = Object.fromEntries(Object.keys(secrets).map((name) => [name, given[name]]));
    expect(controlPlane.judge({ argv: [], env }).settings).toBeDefined();
  });
});

it('the example of a Link beside nginx has the configuration of the guide, to the letter', () => {
  const [, block] = /```nginx\n(.*?)```/s.exec(read('docs/guides/link-with-nginx.md')) ?? [];
  expect(read(`${helm}/examples/link-beside-nginx/files/nginx.conf`)).toBe(block);
  const template = read(`${helm}/examples/link-beside-nginx/templates/nginx.yaml`);
  const replaced = [...template.matchAll(/\| replace "([^"]+)"/g)].map(([, text]) => text ?? '');
  expect(replaced).toHaveLength(3);
  expect(replaced.filter((text) => block?.includes(text) !== true)).toEqual([]);
});

describe('what Argo CD is given', () => {
  const argocd = (file: string) => parse(read(`deploy/argocd/${file}`)) as Record<string, never>;
  type Part = { name: string; path: string; wave: number; keep?: boolean };
  const { parts } = argocd('cluster/values.yaml') as unknown as { parts: Part[] };

  it('comes in the order in which one needs the other, from folders that there are', () => {
    expect(parts.map(({ name }) => name)).toEqual(['database', 'stoa-control-plane', 'stoa-gateway']);
    expect(parts.map(({ wave }) => wave)).toEqual([0, 1, 2]);
    for (const { path } of parts) expect(readdirSync(join(root, path)).length).toBeGreaterThan(0);
  });

  it('waits for a wave by the health of what is in it', () => {
    const { data } = argocd('health-checks.yaml') as unknown as { data: Record<string, string> };
    expect(Object.keys(data)).toEqual([
      'resource.customizations.health.argoproj.io_Application',
      'resource.customizations.health.postgresql.cnpg.io_Cluster',
    ]);
  });

  it('never takes a database away with what was made around it', () => {
    const options = { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };
    expect(argocd('database/cluster.yaml')).toMatchObject({
      apiVersion: 'postgresql.cnpg.io/v1',
      kind: 'Cluster',
      metadata: { annotations: options },
    });
    expect(parts.filter(({ keep }) => keep).map(({ name }) => name)).toEqual(['database']);
  });

  it('gives the chart of a cluster no value that it has not', () => {
    const set = argocd('applicationset.yaml') as unknown as {
      spec: { template: { spec: { source: { path: string; helm: { valuesObject: object } } } } };
    };
    const { path, helm: given } = set.spec.template.spec.source;
    const own = parse(read(`${path}/values.yaml`)) as object;
    expect(Object.keys(given.valuesObject).filter((key) => !(key in own))).toEqual([]);
  });
});

describe('the OpenAPI document of Kubernetes', () => {
  const judge = openApiJudge({
    definitions: {
      Deployment: {
        type: 'object',
        properties: { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' }, spec: { $ref: '#/definitions/Spec' } },
        'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
      },
      Spec: { type: 'object', required: ['replicas'], properties: { replicas: { type: 'integer', format: 'int32' } } },
    },
  });
  const rendered = (spec: string) => `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: a }\nspec: ${spec}\n`;

  it('takes what fits it, and kinds that are not its own', () => {
    expect(judge(`---\n${rendered('{ replicas: 2 }')}---\napiVersion: a.example/v1\nkind: Other\n`)).toEqual([]);
  });

  it.each([
    ['an unknown field', '{ replicas: 2, replicaz: 2 }', /Deployment a: \/spec must NOT have additional properties/],
    ['another type', '{ replicas: two }', /\/spec\/replicas must be integer/],
    ['a missing field', '{}', /must have required property 'replicas'/],
  ])('refuses %s', (_, spec, says) => {
    expect(judge(rendered(spec))).toEqual([expect.stringMatching(says)]);
  });
});
