import { hash } from 'node:crypto';
import type { McpServerReport } from '@stoa/generated/schemas.ts';

const maxServers = 10_000;

/** What was told last of each MCP server, so that what several workers find alike is told once. */
export class LastReports {
  readonly #digests = new Map<string, string>();

  tell(id: string, report: McpServerReport, tell: ((id: string, report: McpServerReport) => void) | undefined): void {
    const digest = hash('sha256', JSON.stringify(report), 'base64');
    if (this.#digests.get(id) === digest) return;
    if (this.#digests.size >= maxServers) this.#digests.clear();
    this.#digests.set(id, digest);
    tell?.(id, report);
  }
}
