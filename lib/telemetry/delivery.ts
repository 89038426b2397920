import type { Agent } from 'node:http';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import type { IExporterMetricsHelper, ISerializer } from '@opentelemetry/otlp-transformer';
import { agentFor } from '../proxies.ts';
import type { Proxies } from '../proxies.ts';
import { headersIn } from './settings.ts';
import type { TelemetrySettings } from './settings.ts';

export type Outlet = { readonly settings: TelemetrySettings; readonly proxies: Proxies; readonly url: string };

/** Batches on the way to a collector that answers a byte at a time, which no timeout of the library ends; what comes then is given up. */
const atOnce = 4;

/** Sends what it is given by OTLP over HTTP, with our settings alone: the library would read the environment, where a secret cannot stand in a file. */
export function exporterOf<Items, Response>(
  { settings, proxies, url }: Outlet,
  serializer: ISerializer<Items, Response>,
  name: string,
  helper: IExporterMetricsHelper<Items>,
): OTLPExporterBase<Items> {
  const { otelExporterOtlpTimeout: timeoutMillis, otelExporterOtlpCompression: compression, otelExporterOtlpHeaders: secret } = settings;
  const contentType = settings.otelExporterOtlpProtocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  const given = {
    url,
    // Asked for each batch, so that nothing keeps the secret beside the setting.
    headers: () => Promise.resolve({ ...headersIn(secret?.reveal() ?? ''), 'content-type': contentType }),
    timeoutMillis,
    compression,
    concurrencyLimit: atOnce,
    agentFactory: (): Agent => agentFor(url, proxies, atOnce),
  };
  return new OTLPExporterBase(createOtlpHttpExportDelegate(given, serializer, name, helper, undefined));
}

type Result = { readonly code: number; readonly error?: Error };
type Exporter<Item> = { export(items: Item[], told: (result: Result) => void): void; shutdown(): Promise<void>; forceFlush?(): Promise<void> };

/** Counts what waits for a collector and what is given up. A batch processor of the library drops what is too much without a word, so that it is never given so much. */
export class Counted<Item> implements Exporter<Item> {
  readonly #exporter: Exporter<Item>;
  readonly #gaveUp: (count: number, reason: string) => void;
  readonly #max: number;
  #waiting = 0;

  constructor(exporter: Exporter<Item>, max: number, gaveUp: (count: number, reason: string) => void) {
    this.#exporter = exporter;
    this.#max = max;
    this.#gaveUp = gaveUp;
  }

  /** Whether one more may wait. */
  take(): boolean {
    if (this.#waiting >= this.#max) {
      this.#gaveUp(1, 'too many wait for it');
      return false;
    }
    this.#waiting += 1;
    return true;
  }

  export(items: Item[], told: (result: Result) => void): void {
    this.#exporter.export(items, (result) => {
      this.#waiting -= items.length;
      if (result.code !== 0) this.#gaveUp(items.length, result.error?.message ?? 'it takes nothing');
      told(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }
}
