import { configProperties, secretNames } from './charts.ts';
import type { Chart } from './charts.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = (description: string, more: Schema = {}): Schema => ({ description, type: 'string', ...more });
const whole = (description: string, minimum: number, maximum: number): Schema => ({ description, type: 'integer', minimum, maximum });
const flag = (description: string): Schema => ({ description, type: 'boolean' });
const map = (description: string): Schema => ({ description, type: 'object', additionalProperties: { type: 'string' } });
const free = (description: string): Schema => ({ description, type: 'object' });
const list = (description: string, items: Schema = { type: 'object' }): Schema => ({ description, type: 'array', items });
const closed = (description: string, properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema => ({
  description,
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});

const name = { pattern: '^$|^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$' } as const;
const key = { pattern: '^[A-Za-z0-9._-]{1,253}$' } as const;
const amount = (what: string): Schema => ({ description: `${what}, as Kubernetes writes amounts.`, type: ['string', 'number'] });
const amounts = (what: string): Schema =>
  closed(what, { cpu: amount('Cores: 250m is a quarter of one'), memory: amount('Bytes: 256Mi'), 'ephemeral-storage': amount('Bytes of disk: 1Gi') });

const global = closed('What holds for all charts of a release.', {
  imageRegistry: text('Where all images are pulled from, in place of image.registry.'),
  imagePullSecrets: list('Secrets to pull them with.', { type: 'string' }),
});

const every: Readonly<Record<string, Schema>> = {
  enabled: flag('Whether the umbrella chart stoa installs this part; this chart by itself does not read it.'),
  global,
  'stoa-common': free('Of Helm: a library takes nothing.'),
  tls: closed('The certificate to listen with.', { secret: text('A Secret of the type kubernetes.io/tls; plain HTTP without one.', name) }),
  trustedAuthorities: closed('Authorities to trust besides the usual ones.', {
    configMap: text('The ConfigMap that holds them in PEM.', name),
    key: text('The key in it.', key),
  }),
  mounts: list(
    'Further Secrets and ConfigMaps as folders, for settings that name files.',
    closed(
      'One of secret and configMap.',
      {
        name: text('Name of the volume.', { pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
        path: text('Where it lies in the pod, as a whole path.', { pattern: '^/' }),
        secret: text('A Secret.', name),
        configMap: text('A ConfigMap.', name),
      },
      { required: ['name', 'path'], oneOf: [{ required: ['secret'] }, { required: ['configMap'] }] },
    ),
  ),
  image: closed('The image that runs.', {
    registry: text('What stands before the last part of its name.', { minLength: 1 }),
    tag: text('The version, in quotes; by default that of the chart.'),
    digest: text('Its digest, which wins over the tag.', { pattern: '^$|^sha256:[0-9a-f]{64}$' }),
    pullPolicy: { description: 'When it is pulled.', enum: ['Always', 'IfNotPresent', 'Never'] },
    pullSecrets: list('Secrets to pull it with.', { type: 'string' }),
  }),
  service: closed('How it is reached in the cluster.', {
    type: { description: 'The kind of Service.', enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
    annotations: map('Annotations of the Service.'),
  }),
  resources: closed('What a pod is given.', { requests: amounts('What is kept for it.'), limits: amounts('What it may take at most.') }),
  preStopSeconds: whole('Seconds between the decision to end a pod and the signal to it, for proxies to forget it.', 0, 120),
  terminationGracePeriodSeconds: whole('Seconds for preStopSeconds and the 35 that a program may take to end.', 35, 600),
  topologySpread: closed('Whether pods are spread over zones and nodes.', {
    enabled: flag('Whether they are.'),
    whenUnsatisfiable: { description: 'What else happens.', enum: ['ScheduleAnyway', 'DoNotSchedule'] },
  }),
  networkPolicy: closed('Who may connect to a pod, and what a pod may connect to: all else is denied.', {
    enabled: flag('Whether there is one.'),
    from: list('Peers of a NetworkPolicy that may connect.'),
    metricsFrom: list('Peers that may read metrics.'),
    egress: list('Rules of a NetworkPolicy for what it connects to.'),
  }),
  metrics: closed('For Prometheus and Grafana.', {
    serviceMonitor: closed('A ServiceMonitor of the Prometheus operator.', {
      enabled: flag('Whether there is one.'),
      interval: text('From one reading to the next: 30s.', { pattern: '^[0-9]+(ms|s|m|h)$' }),
      labels: map('Labels that the operator chooses it by.'),
      tlsConfig: free('How it trusts the certificate of tls.secret, as the operator takes it.'),
    }),
    alerts: closed('A PrometheusRule of the Prometheus operator.', {
      enabled: flag('Whether there is one.'),
      labels: map('Labels that the operator chooses it by.'),
    }),
    dashboard: closed('A ConfigMap with a dashboard for Grafana.', {
      enabled: flag('Whether there is one.'),
      labels: map('Labels that Grafana chooses it by.'),
    }),
  }),
  openshift: flag('Whether the cluster chooses user and group of pods.'),
  fullnameOverride: text('The name of all objects; by default made of the release.', { pattern: '^$|^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$' }),
  podLabels: map('Further labels of pods.'),
  podAnnotations: map('Further annotations of pods.'),
  nodeSelector: map('Labels of nodes that pods may run on.'),
  tolerations: list('Taints of nodes that pods bear.'),
  affinity: free('Which nodes and neighbours pods want.'),
  priorityClassName: text('The PriorityClass of pods.', name),
};

const parts: Readonly<Record<Chart['has'][number], Readonly<Record<string, Schema>>>> = {
  replicas: {
    replicas: whole('Pods, without autoscaling.', 0, 10_000),
    podDisruptionBudget: closed('How many pods may be taken away at once by who drains nodes.', {
      enabled: flag('Whether there is one.'),
      maxUnavailable: { description: 'Pods, or a part of them: 25%.', type: ['integer', 'string'], pattern: '^[0-9]+%$', minimum: 1 },
    }),
    autoscaling: closed('More pods for more processor time.', {
      enabled: flag('Whether there is a HorizontalPodAutoscaler; replicas is not read then.'),
      minReplicas: whole('Pods at least.', 1, 10_000),
      maxReplicas: whole('Pods at most.', 1, 10_000),
      cpuPercent: whole('Processor time to aim at, in percent of what is requested.', 1, 1000),
    }),
  },
  routes: {
    ingress: closed('An Ingress.', {
      enabled: flag('Whether there is one.'),
      className: text('Its IngressClass; by default the usual one of the cluster.', name),
      host: text('The host that it is for.'),
      tlsSecret: text('The Secret of the type kubernetes.io/tls for that host.', name),
      annotations: map('Annotations that its controller reads.'),
    }),
    gatewayRoute: closed('An HTTPRoute of the Gateway API.', {
      enabled: flag('Whether there is one.'),
      parentRefs: list('The Gateways that it is for.'),
      hostnames: list('The hosts that it is for.', { type: 'string' }),
    }),
  },
  persistence: {
    persistence: closed('The volume of its state.', {
      enabled: flag('Whether there is one; without, a new pod begins with nothing.'),
      size: text('Bytes: 1Gi.', { pattern: '^[0-9]+(Mi|Gi|Ti)$' }),
      storageClass: text('Its StorageClass; by default the usual one of the cluster.', name),
    }),
  },
  mode: { mode: { description: 'Pods of its own, or a container of another pod.', enum: ['service', 'sidecar'] } },
};

/** The schema of a chart's values: nothing passes that it does not know. */
export function valuesSchema(chart: Chart): Schema {
  const secret = closed(
    'Where it lies.',
    { name: text('The Secret.', { pattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$' }), key: text('The key in it.', key) },
    { required: ['name', 'key'] },
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Values of the chart ${chart.name}`,
    type: 'object',
    additionalProperties: false,
    properties: {
      ...every,
      config: closed('Settings of the program.', configProperties(chart)),
      secrets: closed(
        'Secrets of the program, by the setting that each is for.',
        Object.fromEntries(secretNames(chart).map((each) => [each, secret])),
      ),
      ...Object.assign({}, ...chart.has.map((part) => parts[part])),
    },
  };
}

/** Each part judges what is its own. */
export function umbrellaSchema(names: readonly string[]): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart stoa',
    type: 'object',
    additionalProperties: false,
    properties: { global, ...Object.fromEntries(names.map((each) => [each, free(`What the chart ${each} takes.`)])) },
  };
}
