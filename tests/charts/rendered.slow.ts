import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { render } from '../../build/charts/helm.ts';
import { matrix, refused } from '../../build/charts/matrix.ts';
import { chartNames, placeChart } from '../../build/charts/place-charts.ts';
import type { ChartName } from '../../build/charts/place-charts.ts';
import { charts, settingNames } from '../../deploy/helm/charts.ts';

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return -- What is rendered is what is looked at. */
const place = mkdtempSync(join(tmpdir(), 'stoa-charts-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));
const folders = new Map<ChartName, string>();
beforeAll(async () => {
  for (const name of chartNames) folders.set(name, await placeChart(name, place));
});

async function objects(chart: ChartName, values: object): Promise<any[]> {
  const documents = parseAllDocuments(await render(folders.get(chart) ?? '', 'stoa', values));
  return documents.map((document) => document.toJS()).filter((each) => each !== null);
}
const ofKind = (all: any[], kind: string): any[] => all.filter((each) => each.kind === kind);
const podsOf = (all: any[]): any[] => [...ofKind(all, 'Deployment'), ...ofKind(all, 'StatefulSet')].map((each) => each.spec.template);
const cases = chartNames.flatMap((chart) => matrix[chart].map(({ title, values }) => ({ chart, title, values })));

describe.each(cases)('$chart $title', ({ chart, values }) => {
  let all: any[] = [];
  beforeAll(async () => {
    all = await objects(chart, values);
  });

  it('runs as nobody in particular, on a root that cannot be written, with no right and no token', () => {
    for (const { spec } of [...podsOf(all), ...ofKind(all, 'Pod')]) {
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
      expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const { securityContext } of spec.containers) {
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
        const user = securityContext.runAsUser ?? spec.securityContext.runAsUser;
        expect(user).toBe('openshift' in values ? undefined : 65532);
      }
    }
  });

  it('sets what its program knows, and by a file what its program takes', () => {
    for (const { spec } of podsOf(all)) {
      const [container] = spec.containers;
      const program = charts.find(({ name }) => name === container.name);
      if (program === undefined) throw new Error(`${container.name} is no program of ours.`);
      expect(container.env.map((each: any) => each.name).filter((name: string) => !settingNames(program).includes(name))).toEqual([]);
      const config = ofKind(all, 'ConfigMap').find(
        ({ metadata }) => metadata.name === spec.volumes.find((each: any) => each.name === 'config').configMap.name,
      );
      const isValid = new Ajv({ strict: true, allowUnionTypes: true }).compile(program.settings());
      isValid(parse(config.data['config.yaml']));
      expect(isValid.errors).toBeNull();
    }
  });

  it('mounts each file that a setting names, and every volume that it mounts is there', () => {
    for (const { spec } of podsOf(all)) {
      const [{ env, volumeMounts }] = spec.containers;
      const volumes = [...spec.volumes.map((each: any) => each.name), ...(chart === 'stoa-connect' || chart === 'stoa' ? ['state'] : [])];
      expect(volumeMounts.filter((each: any) => !volumes.includes(each.name))).toEqual([]);
      const files = env.filter((each: any) => String(each.value).startsWith('/')).map((each: any) => each.value);
      expect(files.filter((file: string) => !volumeMounts.some((each: any) => file.startsWith(each.mountPath)))).toEqual([]);
    }
  });

  it('is found by its Service, its policy and its budget', () => {
    const pods = podsOf(all).map(({ metadata }) => metadata.labels);
    const chosen = [
      ...ofKind(all, 'Service').map(({ spec }) => spec.selector),
      ...ofKind(all, 'NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
      ...ofKind(all, 'PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels),
    ];
    for (const labels of chosen) expect(pods.filter((pod) => Object.entries(labels).every(([key, value]) => pod[key] === value))).toHaveLength(1);
  });

  it('ends within the time that it is given, and is asked at its own port', () => {
    for (const { spec } of podsOf(all)) {
      const [container] = spec.containers;
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(container.lifecycle.preStop.sleep.seconds + 35);
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
        expect(container[probe].httpGet).toMatchObject({ port: container.ports[0].containerPort, scheme: 'tls' in values ? 'HTTPS' : 'HTTP' });
    }
  });
});

describe('a chart', () => {
  it.each(refused)('$chart refuses $title', async ({ chart, values, says }) => {
    await expect(objects(chart, values)).rejects.toThrow(says);
  });

  it('denies what nobody named: in come those of its release, out go names and what its values say', async () => {
    const [policy] = ofKind(await objects('stoa-gateway', {}), 'NetworkPolicy');
    expect(policy.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(policy.spec.ingress).toHaveLength(1);
    expect(policy.spec.ingress[0].from).toEqual([
      { podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'stoa', 'app.kubernetes.io/instance': 'stoa' } } },
    ]);
    expect(policy.spec.egress.flatMap((rule: any) => rule.ports.map((each: any) => each.port))).toEqual([53, 53, 8080, 443]);
  });

  it('leaves the number of pods to what scales them', async () => {
    const scaled = await objects('stoa-gateway', { autoscaling: { enabled: true } });
    expect(ofKind(scaled, 'Deployment')[0].spec).not.toHaveProperty('replicas');
    expect(ofKind(scaled, 'HorizontalPodAutoscaler')[0].spec.scaleTargetRef.name).toBe('stoa-gateway');
  });

  it('calls an instance by its pod, and finds the Control Plane of its release', async () => {
    const all = await objects('stoa', {});
    const gateway = podsOf(all).find(({ spec }) => spec.containers[0].name === 'stoa-gateway');
    expect(gateway.spec.containers[0].env).toContainEqual({ name: 'STOA_INSTANCE_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
    const config = ofKind(all, 'ConfigMap').find(({ metadata }) => metadata.name === 'stoa-gateway');
    const service = ofKind(all, 'Service').find(({ metadata }) => metadata.name === 'stoa-control-plane');
    expect(parse(config.data['config.yaml']).control_plane_url).toBe(`http://${service.metadata.name}:${service.spec.ports[0].port}`);
  });

  it('opens no other address to the world than those for callers', async () => {
    const [ingress] = ofKind(await objects('stoa-gateway', { ingress: { enabled: true, host: 'mcp.example' } }), 'Ingress');
    expect(ingress.spec.rules[0].http.paths.map((each: any) => each.path)).toEqual(['/mcp', '/apis', '/.well-known']);
  });

  it('makes one Connect of one name, and never a second pod of it', async () => {
    const [connect] = ofKind(await objects('stoa-connect', {}), 'StatefulSet');
    expect(connect.spec.replicas).toBe(1);
    expect(connect.spec.volumeClaimTemplates).toHaveLength(1);
  });

  it('takes a tag of digits as it is written', async () => {
    const [gateway] = podsOf(await objects('stoa-gateway', { image: { tag: '20260101' } }));
    expect(gateway.spec.containers[0].image).toMatch(/:20260101$/);
  });

  it('is in no way of a Link that is a container of another pod', async () => {
    const all = await objects('stoa-link', { mode: 'sidecar' });
    expect(all.map((each) => each.kind)).toEqual(['ConfigMap']);
  });
});
