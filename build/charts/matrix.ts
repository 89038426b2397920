import type { ChartName } from './place-charts.ts';

/** One set of values that a chart is rendered with. */
export type Case = { readonly title: string; readonly values: Readonly<Record<string, unknown>> };

const secret = (key: string) => ({ name: 'given', key });
const observed = { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } }, alerts: { enabled: true }, dashboard: { enabled: true } };
const routed = {
  ingress: { enabled: true, className: 'nginx', host: 'stoa.example', tlsSecret: 'stoa-tls', annotations: { 'a.example/b': 'c' } },
  gatewayRoute: { enabled: true, parentRefs: [{ name: 'edge', namespace: 'edge' }], hostnames: ['stoa.example'] },
};
const placed = {
  nodeSelector: { 'kubernetes.io/arch': 'arm64' },
  tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { podAntiAffinity: {} },
  priorityClassName: 'high',
  topologySpread: { enabled: true, whenUnsatisfiable: 'DoNotSchedule' },
  podLabels: { team: 'edge' },
  podAnnotations: { 'a.example/b': 'c' },
};
const encrypted = { tls: { secret: 'listens-with' }, trustedAuthorities: { configMap: 'bank', key: 'ca.crt' } };
const pulled = { image: { registry: 'images.bank.example/stoa', digest: `sha256:${'0a'.repeat(32)}`, pullPolicy: 'Always', pullSecrets: ['pull'] } };
const mounted = {
  mounts: [
    { name: 'upstream-keys', path: '/run/secrets/upstream', secret: 'upstream-keys' },
    { name: 'wasm', path: '/etc/wasm', configMap: 'wasm' },
  ],
};
const open = {
  networkPolicy: {
    from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }],
    metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 5432, protocol: 'TCP' }] }],
  },
};
const scaled = { autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 30, cpuPercent: 60 } };
const bare = { networkPolicy: { enabled: false }, topologySpread: { enabled: false } };

const common: readonly Case[] = [
  { title: 'as it comes', values: {} },
  { title: 'on OpenShift', values: { openshift: true } },
  { title: 'over TLS, with authorities of a company', values: { ...encrypted, metrics: observed } },
  { title: 'observed', values: { metrics: observed, ...open } },
  { title: 'placed', values: { ...placed, ...pulled, ...mounted } },
  { title: 'bare', values: bare },
];
const served: readonly Case[] = [
  { title: 'with routes', values: { ...routed, ...open } },
  { title: 'scaled', values: { ...scaled, podDisruptionBudget: { maxUnavailable: '25%' } } },
  { title: 'without a budget', values: { podDisruptionBudget: { enabled: false }, replicas: 1 } },
];

const runtimeConfig = { control_plane_url: 'https://stoa.example', environment: 'production', labels: { region: 'eu' } };

/** What each chart is tried with: every part that one can switch on, once at least. */
export const matrix: Readonly<Record<ChartName, readonly Case[]>> = {
  'stoa-control-plane': [
    ...common,
    ...served,
    {
      title: 'with an external issuer',
      values: {
        config: { public_url: 'https://stoa.example', oidc_issuer: 'https://login.example', oidc_client_id: 'stoa', log_level: 'warn' },
        secrets: { STOA_OIDC_CLIENT_SECRET: secret('oidc') },
      },
    },
  ],
  'stoa-gateway': [
    ...common,
    ...served,
    {
      title: 'with Redis',
      values: { config: runtimeConfig, secrets: { STOA_REDIS_URL: secret('redis-url'), STOA_REDIS_PASSWORD: secret('redis') } },
    },
  ],
  'stoa-link': [
    ...common,
    ...served,
    { title: 'as a sidecar', values: { mode: 'sidecar', config: { ...runtimeConfig, authz_callers: ['loopback'], target_gateway_type: 'nginx' } } },
  ],
  'stoa-connect': [
    ...common,
    { title: 'without a volume', values: { persistence: { enabled: false } } },
    {
      title: 'beside a Kong',
      values: {
        config: { ...runtimeConfig, target_gateway_type: 'kong', target_gateway_url: 'http://kong-admin:8001' },
        secrets: { STOA_TARGET_GATEWAY_TOKEN: secret('admin') },
        persistence: { storageClass: 'fast', size: '2Gi' },
      },
    },
  ],
  stoa: [
    { title: 'as it comes', values: {} },
    {
      title: 'whole, from one registry',
      values: {
        global: { imageRegistry: 'images.bank.example/stoa', imagePullSecrets: ['pull'] },
        'stoa-link': { enabled: true },
        'stoa-connect': { enabled: true, config: { target_gateway_url: 'http://kong-admin:8001' } },
      },
    },
    { title: 'the Control Plane alone', values: { 'stoa-gateway': { enabled: false } } },
  ],
};

/** What no chart takes: each is a slip that would otherwise pass. */
export const refused: readonly (Case & { readonly chart: ChartName; readonly says: RegExp })[] = [
  { chart: 'stoa-gateway', title: 'a key that nobody reads', values: { replicaCount: 3 }, says: /replicaCount/ },
  { chart: 'stoa-gateway', title: 'a number of pods in words', values: { replicas: 'two' }, says: /replicas/ },
  { chart: 'stoa-gateway', title: 'a setting that the program does not know', values: { config: { redis_timout: '1s' } }, says: /redis_timout/ },
  { chart: 'stoa-gateway', title: 'a secret among the settings', values: { config: { gateway_key: 'plain' } }, says: /gateway_key/ },
  { chart: 'stoa-gateway', title: 'a secret that is none', values: { secrets: { STOA_LOG_LEVEL: secret('x') } }, says: /STOA_LOG_LEVEL/ },
  { chart: 'stoa-connect', title: 'more than one pod of a Connect', values: { replicas: 2 }, says: /replicas/ },
  {
    chart: 'stoa-control-plane',
    title: 'less time than the drain takes',
    values: { terminationGracePeriodSeconds: 10 },
    says: /terminationGracePeriodSeconds/,
  },
  { chart: 'stoa', title: 'a part that is not there', values: { 'stoa-portal': {} }, says: /stoa-portal/ },
  { chart: 'stoa', title: 'a slip within a part', values: { 'stoa-gateway': { replicaz: 1 } }, says: /replicaz/ },
];
