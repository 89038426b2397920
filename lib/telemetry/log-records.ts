import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import type { Attributes, Context, LogRecord } from '@opentelemetry/api';

/** The levels of our log as the logs data model numbers them ("SeverityNumber"). */
const severities: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };
/** What the resource says, and what stands elsewhere in a record. */
const spoken: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'program', 'version', 'pid', 'trace_id', 'span_id', 'err']);
const maxChars = 8_192;

/** A line of our log, which is JSON without what could be a credential, as a record; undefined for what is no such line. */
export function recordOf(line: string): LogRecord | undefined {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(line) as typeof fields;
  } catch {
    return undefined;
  }
  const { level, time, msg, err } = fields;
  const attributes = Object.fromEntries(Object.entries(fields).filter(([name]) => !spoken.has(name)));
  return {
    timestamp: new Date(String(time)),
    severityText: String(level),
    severityNumber: severities[String(level)] ?? 0,
    body: String(msg ?? '').slice(0, maxChars),
    attributes: { ...attributes, ...exceptionOf(err) },
    context: contextOf(fields),
  };
}

/** As the semantic conventions name it ("Exceptions in logs"). */
function exceptionOf(error: unknown): Attributes {
  if (typeof error !== 'object' || error === null) return {};
  const { type, message, stack } = error as Readonly<Record<string, unknown>>;
  const told = { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack };
  return Object.fromEntries(Object.entries(told).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text.slice(0, maxChars)]] : [])));
}

const noSpan = '0'.repeat(16);

function contextOf({ trace_id: traceId, span_id: spanId }: Readonly<Record<string, unknown>>): Context {
  if (typeof traceId !== 'string') return ROOT_CONTEXT;
  // A request that is not traced has no span; its lines are found by its trace all the same.
  const isTraced = typeof spanId === 'string';
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: isTraced ? spanId : noSpan,
    traceFlags: isTraced ? TraceFlags.SAMPLED : TraceFlags.NONE,
  });
}
