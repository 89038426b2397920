import { registerHooks } from 'node:module';

// A program of its own: starts a runtime and ends it, and prints which packages of OpenTelemetry were asked for meanwhile. With an argument it has a collector there.
const asked = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    // The names alone are there for metrics, too: prom-client asks for them.
    if (/^@opentelemetry\/(?!api$)/.test(specifier)) asked.add(specifier);
    return next(specifier, context);
  },
});
const { startRuntime } = await import('../start.ts');
const { createLogger } = await import('@stoa/lib/log.ts');
const { testOptions } = await import('../workers/testing/options.ts');
const { fakeConnection } = await import('./fake-connection.ts');
const endpoint = process.argv[2];
const options = testOptions({ STOA_WORKERS: '1', ...(endpoint !== undefined && { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }) });
const runtime = await startRuntime({ ...options, log: createLogger({ program: 'test', level: 'silent' }), connect: fakeConnection().connect });
await runtime.stop();
console.log(JSON.stringify([...asked]));
process.exit(0);
