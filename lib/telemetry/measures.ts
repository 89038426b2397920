import { Durations } from './durations.ts';

/** As the semantic conventions advise: those of HTTP ("Metric: http.server.request.duration") and of MCP ("Metric: mcp.server.operation.duration"). */
const httpBounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const mcpBounds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** What is measured of every request, traced or not. */
export class Measures {
  readonly http = new Durations('http.server.request.duration', 'Duration of HTTP server requests.', httpBounds);
  readonly rpc = new Durations('rpc.server.call.duration', 'Duration of questions of other gateways.', httpBounds);
  readonly mcp = new Durations('mcp.server.operation.duration', 'Duration of MCP requests, from their arrival until they are answered.', mcpBounds);
  readonly client = new Durations('http.client.request.duration', 'Duration of requests to upstreams.', httpBounds);

  get all(): readonly Durations[] {
    return [this.http, this.rpc, this.mcp, this.client];
  }
}
