import type { ControlPlaneClient } from '@stoa/generated/client.ts';
import type { McpServerReport } from '@stoa/generated/schemas.ts';
import type { Logger } from '@stoa/lib/log.ts';
import { companionCall } from './companion-call.ts';
import type { CompanionContext } from './companion-call.ts';
import { keepRunning } from './keep-running.ts';
import { Pause } from './pause.ts';
import { requestTimeoutMs } from './timing.ts';

const idleMs = 60 * 60_000;

/** Tells the Control Plane what MCP servers offer: the newest of each, one after the other, until it is taken or refused. */
export class McpReports {
  readonly #client: ControlPlaneClient;
  readonly #context: CompanionContext;
  readonly #log: Logger;
  readonly #pause = new Pause();
  readonly #waiting = new Map<string, McpServerReport>();
  #attempt = 0;

  constructor(client: ControlPlaneClient, context: CompanionContext, log: Logger) {
    this.#client = client;
    this.#context = context;
    this.#log = log;
  }

  put(serverId: string, report: McpServerReport): void {
    // What is newer comes last, so that one that is refused time and again keeps none waiting.
    this.#waiting.delete(serverId);
    this.#waiting.set(serverId, report);
    this.#pause.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.#context;
    await keepRunning({
      name: 'sending of reports of MCP servers',
      step: () => this.#step(signal),
      pause: this.#pause,
      signal,
      log: this.#log,
      random,
    });
  }

  async #step(signal: AbortSignal): Promise<number> {
    const [next] = this.#waiting;
    if (next === undefined) return idleMs;
    const [serverId, report] = next;
    const lease = await this.#context.session.active(signal);
    if (lease === undefined) return 0;
    const timeoutMs = requestTimeoutMs(this.#context.session.intervalS);
    const params = { path: { gateway_id: lease.gatewayId, mcp_server_id: serverId } };
    const body = { ...report, ...(lease.epoch !== undefined && { lease_epoch: lease.epoch }) };
    const verdict = await companionCall(this.#context, lease, this.#attempt, timeoutMs, signal, (init) =>
      this.#client.reportMcpServer({ params, body, ...init }),
    );
    if (!verdict.ok && verdict.kind !== 'refused') {
      this.#attempt += 1;
      return verdict.afterMs;
    }
    if (!verdict.ok)
      this.#log.error(
        { status: verdict.failure.status, mcp_server_id: serverId },
        `The Control Plane refuses the report of an MCP server, which is given up: ${verdict.failure.detail}.`,
      );
    this.#attempt = 0;
    if (this.#waiting.get(serverId) === report) this.#waiting.delete(serverId);
    return 0;
  }
}
