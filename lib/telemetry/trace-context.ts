/** W3C Trace Context, "traceparent header". */
export type RemoteParent = { readonly traceId: string; readonly spanId: string; readonly flags: number; readonly tracestate: string | undefined };

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const tracestateForm = /^[\x20-\x7e]{1,512}$/;

/** What stands in headers, or in `_meta` of MCP; undefined for what is not well-formed. */
export function parentIn(carrier: Readonly<Record<string, unknown>>): RemoteParent | undefined {
  const { traceparent, tracestate } = carrier;
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId, spanId, flags] = form.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return {
    traceId,
    spanId,
    flags: parseInt(flags, 16),
    tracestate: typeof tracestate === 'string' && tracestateForm.test(tracestate) ? tracestate : undefined,
  };
}
