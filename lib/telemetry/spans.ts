import { ROOT_CONTEXT, SpanKind, TraceFlags, createTraceState, trace } from '@opentelemetry/api';
import type { Span, SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { IdGenerator, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import { version } from '../version.ts';
import type { TelemetrySettings } from './settings.ts';
import type { RemoteParent } from './trace-context.ts';

/** A trace begins under the id of its request, so that it is found by what the answer and the log say. */
class Ids implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  next = '';

  generateTraceId(): string {
    return this.next;
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }
}

const limits = { attributeValueLengthLimit: 512, attributeCountLimit: 64 };

/** Decides which requests are traced, and makes their spans. */
export class Spans {
  /** Of what no caller has decided on. */
  readonly #root: Sampler;
  /** Whether what a caller has decided holds. */
  readonly #followsParents: boolean;
  readonly #ids = new Ids();
  readonly #provider: TracerProvider;
  readonly #tracer;

  constructor(settings: TelemetrySettings, resource: Resource, processor: SpanProcessor) {
    const { otelTracesSampler: name, otelTracesSamplerArg: part = '1' } = settings;
    this.#followsParents = name.startsWith('parentbased_');
    this.#root = samplerOf(name, Number(part));
    const given = { resource, spanProcessors: [processor], idGenerator: this.#ids, sampler: new AlwaysOnSampler(), spanLimits: limits };
    this.#provider = new TracerProvider(given);
    this.#tracer = this.#provider.getTracer('stoa', version);
  }

  /** The span of a request that came in; undefined for one that is not traced. It is asked first and costs little: most are not. */
  begin(parent: RemoteParent | undefined, traceId: string, startMs: number): Span | undefined {
    if (!this.#isTraced(parent, traceId)) return undefined;
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(parent));
    this.#ids.next = traceId;
    return this.#tracer.startSpan('request', { kind: SpanKind.SERVER, startTime: startMs }, context);
  }

  #isTraced(parent: RemoteParent | undefined, traceId: string): boolean {
    if (parent !== undefined && this.#followsParents) return (parent.flags & TraceFlags.SAMPLED) !== 0;
    return this.#root.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.SERVER, {}, []).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  child(span: Span, name: string, startMs: number): Span {
    return this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: startMs }, trace.setSpan(ROOT_CONTEXT, span));
  }

  stop(): Promise<void> {
    return this.#provider.shutdown();
  }
}

function contextOf({ traceId, spanId, flags, tracestate }: RemoteParent): SpanContext {
  const traceFlags = flags & TraceFlags.SAMPLED;
  return { traceId, spanId, traceFlags, isRemote: true, ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }) };
}

function samplerOf(name: TelemetrySettings['otelTracesSampler'], part: number): Sampler {
  if (name.endsWith('always_on')) return new AlwaysOnSampler();
  return name.endsWith('always_off') ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(part);
}
