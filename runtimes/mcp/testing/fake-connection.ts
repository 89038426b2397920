import { createDesiredStates } from '@stoa/control-plane-client/testing/desired-state.ts';
import type { ControlPlaneConnection, ControlPlaneConnectionOptions } from '@stoa/control-plane-client/types.ts';
import type { CallApprovalAnswer, GatewayConfig, McpServerReport, RuntimeConfigState, UsageRecord } from '@stoa/generated/schemas.ts';
import { collectingIn } from './collected-usage.ts';

/** Stands for the Control Plane: what the runtime told it, and a way to hand configurations over. */
export function fakeConnection(restored?: GatewayConfig) {
  const calls: string[] = [];
  const reports: { id: string; report: McpServerReport }[] = [];
  const stateOf = createDesiredStates();
  const seen: {
    options?: ControlPlaneConnectionOptions;
    endpoints?: unknown;
    usage: UsageRecord[];
    /** Answers whether a call of a tool was approved. */
    approve?: (tool: string) => CallApprovalAnswer;
  } = { usage: [] };
  let state: RuntimeConfigState = { state: 'none', generation: 0, hash: '' };
  const connect = async (options: ControlPlaneConnectionOptions): Promise<ControlPlaneConnection> => {
    seen.options = options;
    if (restored !== undefined) {
      await options.restore(stateOf(restored));
      state = { state: 'stale', generation: restored.generation, hash: restored.hash, reason: 'The Control Plane cannot be reached.' };
    }
    seen.endpoints = await options.listen?.();
    return {
      bootId: '00000000-0000-4000-8000-000000000000',
      gatewayId: () => undefined,
      state: () => state,
      firstConfig: Promise.resolve(),
      permit: () => undefined,
      usage: {
        ...collectingIn(seen.usage),
        stats: () => ({ waiting: 0, bytes: 0, sent: 0, quarantined: 0, dropped: 0, droppedCalls: 0 }),
      },
      askCallApproval: async (question) => seen.approve?.(question.tool),
      observed: () => undefined,
      reportMcpServer: (id, report) => void reports.push({ id, report }),
      amend: () => undefined,
      stop: async ({ deregister }) => void calls.push(deregister ? 'deregistered' : 'stopped'),
    };
  };
  const apply = async (config: GatewayConfig) => {
    const permit = { signal: new AbortController().signal, valid: () => true };
    const outcome = await seen.options?.apply(stateOf(config), permit);
    state = { state: 'fresh', generation: config.generation, hash: config.hash };
    return outcome;
  };
  return { connect, calls, seen, apply, reports };
}
