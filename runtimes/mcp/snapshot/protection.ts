import type { CircuitBreakerConfig, RetryConfig } from '@stoa/generated/schemas.ts';
import type { CircuitRule, PolicyRule, Protection, RetryRule } from '../model.ts';

const worthRetrying: readonly number[] = [502, 503, 504];

type Named<Config> = { readonly name: string; readonly config: Config };

/** What the policies on one API do together for its upstream: of several of a kind the strictest of each value. */
export function protectionOf(rules: readonly PolicyRule[]): Protection | undefined {
  const circuits: Named<CircuitBreakerConfig>[] = [];
  const retries: RetryConfig[] = [];
  const bounds: { policy: string; maxCalls: number }[] = [];
  for (const { name, policy } of rules) {
    if (policy.kind === 'circuit_breaker') circuits.push({ name, config: policy.config });
    if (policy.kind === 'concurrency_limit') bounds.push({ policy: name, maxCalls: policy.config.max_concurrent_calls });
    if (policy.kind === 'retry') retries.push(policy.config);
  }
  if (circuits.length + bounds.length + retries.length === 0) return undefined;
  const [concurrency] = bounds.sort((one, other) => one.maxCalls - other.maxCalls);
  return { circuit: circuitOf(circuits), concurrency, retry: retryOf(retries) };
}

/** What opens soonest, and stays open longest. */
function circuitOf(policies: readonly Named<CircuitBreakerConfig>[]): CircuitRule | undefined {
  const [first] = policies;
  if (first === undefined) return undefined;
  const configs = policies.map(({ config }) => config);
  const all = configs.some(({ failure_statuses: statuses }) => statuses === undefined);
  const failures = new Set(configs.flatMap(({ failure_statuses: statuses }) => statuses ?? []));
  return {
    policy: first.name,
    failureRatePercent: Math.min(...configs.map(({ failure_rate_percent: percent = 50 }) => percent)),
    minimumCalls: Math.min(...configs.map(({ minimum_calls: calls = 20 }) => calls)),
    windowMs: Math.max(...configs.map(({ window_s: seconds = 30 }) => seconds)) * 1000,
    openMs: Math.max(...configs.map(({ open_s: seconds = 30 }) => seconds)) * 1000,
    isFailure: (status) => (all && status >= 500) || failures.has(status),
  };
}

/** What repeats least, and slowest. */
function retryOf(configs: readonly RetryConfig[]): RetryRule | undefined {
  if (configs.length === 0) return undefined;
  const statuses = configs.map(({ statuses: own = worthRetrying }) => new Set(own));
  const baseMs = Math.max(...configs.map(({ base_interval_ms: ms = 50 }) => ms));
  return {
    maxRetries: Math.min(...configs.map(({ max_retries: most }) => most)),
    budgetPercent: Math.min(...configs.map(({ budget_percent: percent = 10 }) => percent)),
    baseMs,
    maxMs: Math.max(baseMs, ...configs.map(({ max_interval_ms: ms = 1000 }) => ms)),
    isWorthIt: (status) => statuses.every((own) => own.has(status)),
  };
}
