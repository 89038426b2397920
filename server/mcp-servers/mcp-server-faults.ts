import type { McpServerRequest } from '@stoa/generated/schemas.ts';
import type { ProblemFault } from '@stoa/lib/problem.ts';
import type { UpstreamGuard } from '@stoa/lib/upstream-guard.ts';
import { ApiError, invalid, unprocessable } from '../errors.ts';
import { requireCriterion } from '../deployments/require-deployable.ts';

/** What its schema cannot say of an MCP server. @throws ApiError 400 or 422 */
export async function requireSoundMcpServer(guard: UpstreamGuard, body: McpServerRequest): Promise<void> {
  const { http, stdio, targets } = body;
  if (http === undefined && stdio === undefined) throw invalid([{ pointer: '/body/http', message: 'is required, or else stdio' }]);
  if (http !== undefined && stdio !== undefined)
    throw invalid([{ pointer: '/body/stdio', message: 'is given together with http: an MCP server is reached in one way' }]);
  requireCriterion(targets);
  const faults = modeFaults(body);
  if (faults.length > 0) throw unprocessable('The targets cannot serve the MCP server.', faults);
  if (http !== undefined) await requireAllowedUrl(guard, http.url);
}

function modeFaults({ stdio, targets: { modes } }: McpServerRequest): ProblemFault[] {
  const pointer = '/body/targets/modes';
  if (modes?.includes('connect') === true)
    return [{ pointer, message: 'must be edge_mcp and sidecar: a gateway of another vendor serves no MCP servers' }];
  const starts = modes === undefined || modes.includes('sidecar');
  return stdio === undefined || starts ? [] : [{ pointer, message: 'must hold sidecar: a Link alone starts commands' }];
}

/** Gateways judge again at each connection, with rules of their own. */
async function requireAllowedUrl(guard: UpstreamGuard, text: string): Promise<void> {
  const pointer = '/body/http/url';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw unprocessable('The MCP server cannot be reached.', [{ pointer, message: 'is no URL' }]);
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    throw unprocessable('The MCP server cannot be reached so.', [
      { pointer, message: 'must hold neither credentials nor a fragment: give credentials as http.credentials' },
    ]);
  const { hostname } = url;
  const reason = await guard.resolvedRefusal(hostname.replace(/^\[|\]$/g, ''));
  if (reason === undefined) return;
  const message = `${hostname} ${reason}. Give a URL that is allowed, or ask who runs this Control Plane.`;
  throw new ApiError(422, message, { code: 'upstream_refused', errors: [{ pointer, message }] });
}
