import { setTimeout as delay } from 'node:timers/promises';
import { registrationContract } from '@stoa/contract-tests/document/contract.ts';
import { Unavailable } from '@stoa/contract-tests/suite/case.ts';
import { authenticationOf } from '@stoa/contract-tests/suite/authentication.ts';
import { controlPlaneSuites } from '@stoa/contract-tests/suite/control-plane/index.ts';
import { twoCalls } from '@stoa/contract-tests/suite/control-plane/two-calls.ts';
import { callOver } from '@stoa/contract-tests/subjects/over-http.ts';
import type { Answer, CallOptions, ControlPlane, Exchange, KeyScope } from '@stoa/contract-tests/subjects/over-http.ts';
import { masked } from './mask.ts';
import type { Level, ToldExchange } from './results.ts';
import { casesOf, runCases } from './run-cases.ts';
import type { RunOptions } from './run-cases.ts';
import type { CaseResult } from './results.ts';

export type ControlPlaneAtUrl = {
  readonly url: string;
  readonly gatewayKey: string;
  /** An owner's token. Without it nothing that an operator sees or does is looked at. */
  readonly adminToken?: string;
  /** A gateway key of another tenant. */
  readonly otherTenantKey?: string;
};

const withoutOperator = 'It needs an operator: give --admin-token-file.';
/** What a server has only when it says so at registration, by the feature. */
const needsFeature: Readonly<Record<string, string>> = { takeDryRun: 'dry_run', answerDryRun: 'dry_run', getConfigItem: 'config_base' };
/** What no feature announces: an operator of ours has made what they are about. */
const needsOperator: ReadonlySet<string> = new Set(['askCallApproval', 'reportMcpServer']);
const operationsOfProtocol = new Set(registrationContract.entries.map(({ id }) => id));
/** What operators do with catalog and access: a server of somebody else may have other ways to it. */
const beyondContract = /^(?:create(?!Api|Deployment|GatewayKey)|update)/;
const longestWaitS = 30;

/** Runs all that binds a Control Plane against one that is reached by its address alone. */
export async function conformControlPlane(at: ControlPlaneAtUrl, level: Level, options: Partial<RunOptions> = {}): Promise<CaseResult[]> {
  const features = level === 'adr' ? [] : await featuresOf(at);
  const { heartbeats = twoCalls, ...others } = controlPlaneSuites;
  const suites = level === 'adr' ? [[twoCalls]] : [[heartbeats], [...Object.values(others), authenticationOf(registrationContract.entries)]];
  const secrets = [at.gatewayKey, at.adminToken ?? '', at.otherTenantKey ?? ''];
  const mask = (text: string) => masked(text, secrets);
  const spoken = new WeakMap<ControlPlane, Exchange[]>();
  const meeting = {
    subject() {
      const exchanges: Exchange[] = [];
      const subject = controlPlaneAt(at, features, exchanges);
      spoken.set(subject, exchanges);
      return subject;
    },
    exchangesOf: (subject: ControlPlane) => (spoken.get(subject) ?? []).slice(-4).map((exchange) => toldOf(exchange, mask)),
    mask,
  };
  // What one case makes is in the configuration of every gateway, and changes what another looks at: they run one after the other. Heartbeats do not.
  const results = await Promise.all(suites.map((lane) => runCases(casesOf(lane), meeting, { atOnce: 1, ...options })));
  return results.flat();
}

async function featuresOf(at: ControlPlaneAtUrl): Promise<string[]> {
  const body = { instance_name: `conform-${crypto.randomUUID()}`, gateway_mode: 'connect', version: '1', features: [], environment: 'production' };
  const response = await fetch(`${at.url.replace(/\/+$/, '')}/v1/internal/gateways/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${at.gatewayKey}` },
    body: JSON.stringify({ ...body, boot_id: crypto.randomUUID() }),
    signal: AbortSignal.timeout(30_000),
  });
  // What is wrong with the answer is told by the cases, each by its requirement.
  const reply = (await response.json().catch(() => undefined)) as { features?: unknown } | null | undefined;
  return Array.isArray(reply?.features) ? reply.features.filter((feature) => typeof feature === 'string') : [];
}

function controlPlaneAt(at: ControlPlaneAtUrl, features: readonly string[], exchanges: Exchange[]): ControlPlane {
  const { url, gatewayKey, adminToken } = at;
  const hasOperator = adminToken !== undefined;
  /** Since when an instance is silent, by its id. */
  const silences = new Map<string, number>();
  const call = <Body>(operationId: string, options: CallOptions = {}): Promise<Answer<Body>> => {
    const feature = needsFeature[operationId];
    if (feature !== undefined && !features.includes(feature)) throw new Unavailable(`The server does not name the feature ${feature}.`);
    if (!hasOperator && (!operationsOfProtocol.has(operationId) || needsOperator.has(operationId))) throw new Unavailable(withoutOperator);
    return callOver<Body>({ url, gatewayKey, adminToken: adminToken ?? 'no-token' }, operationId, options, (exchange) => {
      exchanges.push(exchange);
      if (beyondContract.test(operationId) && [404, 405, 501].includes(exchange.answer.status))
        throw new Unavailable(`The server has no ${operationId}.`);
    });
  };
  const mint = async (scope: KeyScope & { expires_at?: string }) => {
    const { status, body } = await call<{ key: { key_id: string }; secret: string }>('createGatewayKey', { body: { name: 'conformance', ...scope } });
    if (status !== 201) throw new Error(`createGatewayKey is answered with ${status}.`);
    return { id: body.key.key_id, secret: body.secret };
  };
  return {
    url: url.replace(/\/+$/, ''),
    tenantId: '',
    adminToken: adminToken ?? '',
    gatewayKey,
    hasOperator,
    call: async (operationId, options) => call(operationId, options),
    mintKey: async (scope = {}) => mint(scope),
    async mintExpiredKey() {
      const { secret } = await mint({ expires_at: new Date(Date.now() + 1500).toISOString() });
      await delay(1600);
      return secret;
    },
    async anotherTenant() {
      if (at.otherTenantKey === undefined) throw new Unavailable('It needs another tenant: give --other-tenant-key-file.');
      return controlPlaneAt({ url, gatewayKey: at.otherTenantKey }, features, exchanges);
    },
    async silentFor(gatewayId, seconds, leaseS) {
      if (leaseS > longestWaitS)
        throw new Unavailable(`A lease of ${leaseS} s is longer than a run may wait: have the server give an interval of 5 s.`);
      const beganMs = silences.get(gatewayId) ?? performance.now();
      silences.set(gatewayId, beganMs);
      await delay(Math.max(0, beganMs + seconds * 1000 - performance.now()));
    },
    query: async () => {
      throw new Unavailable('It needs a look into the database of the server.');
    },
    rotateSigningKey: async () => {
      throw new Unavailable('It needs a new signing key, which nobody makes over HTTP.');
    },
    close: async () => undefined,
  };
}

function toldOf({ method, url, headers, body, answer }: Exchange, mask: (text: string) => string): ToldExchange {
  const lines = (all: Record<string, string | undefined>) => Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return {
    request: mask([`${method} ${url}`, ...lines(headers), '', text].join('\n')),
    answer: mask([String(answer.status), ...lines(answer.headers), '', answer.text].join('\n')),
  };
}
