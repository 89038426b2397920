import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { Pool } from 'pg';
import { TalliedHistogram } from './tallied-histogram.ts';

export type BatchLane = 'heartbeat' | 'registration' | 'acknowledgement';

/** What is asked at the moment of an export. */
export type Watched = {
  readonly pools: Readonly<Record<string, Pool>>;
  readonly waiting: Readonly<Record<BatchLane, () => number>>;
  readonly longPolls: () => number;
  readonly streams: () => number;
  readonly sweepAgeS: () => number;
  readonly brakes: () => number;
  readonly telemetryDropped: () => Readonly<Record<string, number>>;
  readonly gateways: () => Readonly<Record<string, number>>;
};

/** Upper bounds in seconds: from a heartbeat alone to what a client gives up on. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const statusClasses = [undefined, '1xx', '2xx', '3xx', '4xx', '5xx'];
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

/** The metrics of the Control Plane. Label sets are closed: lanes, pools, states and the operations of the contract. */
export class ControlPlaneMetrics {
  readonly #registry = new Registry();
  readonly #batchSizes: Record<BatchLane, (size: number) => void>;
  readonly #batchSeconds: Record<BatchLane, (tookS: number) => void>;
  readonly #answers: Counter<'lane' | 'outcome'>;
  readonly #requests: TalliedHistogram;
  /** By operation and class of status. */
  readonly #requestSeconds = new Map<string, ((tookS: number) => void)[]>();

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    const ofLanes = (histogram: TalliedHistogram) => ({
      heartbeat: histogram.series({ lane: 'heartbeat' }),
      registration: histogram.series({ lane: 'registration' }),
      acknowledgement: histogram.series({ lane: 'acknowledgement' }),
    });
    const histogram = (name: string, help: string, bounds: readonly number[]): TalliedHistogram => {
      const made = new TalliedHistogram({ name, help, bounds });
      this.#registry.registerMetric(made.asMetric());
      return made;
    };
    this.#batchSizes = ofLanes(histogram('stoa_batch_size', 'Heartbeats, registrations or acknowledgements in one statement.', sizes));
    this.#batchSeconds = ofLanes(histogram('stoa_batch_duration_seconds', 'Time that the database took for one batch.', seconds));
    this.#requests = histogram(
      'stoa_request_duration_seconds',
      'Time from the head of a request to the end of its answer, by operation and class of status. Waiting for news counts.',
      seconds,
    );
    this.#answers = new Counter({
      name: 'stoa_batched_total',
      help: 'Heartbeats, registrations and acknowledgements by outcome: done, refused by what they say, failed with the database, or told to come later.',
      labelNames: ['lane', 'outcome'],
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  noteBatch(lane: BatchLane, size: number, tookS: number): void {
    this.#batchSizes[lane](size);
    this.#batchSeconds[lane](tookS);
  }

  count(lane: BatchLane, outcome: 'done' | 'refused' | 'failed' | 'later', count = 1): void {
    this.#answers.inc({ lane, outcome }, count);
  }

  noteRequest(operation: string, status: number, tookS: number): void {
    const kind = Math.floor(status / 100);
    const known = this.#requestSeconds.get(operation) ?? [];
    if (known.length === 0) this.#requestSeconds.set(operation, known);
    known[kind] ??= this.#requests.series({ operation, status: statusClasses[kind] ?? 'other' });
    known[kind](tookS);
  }

  /** Gauges that are read when somebody asks. To be called once. */
  watch({ pools, waiting, longPolls, streams, sweepAgeS, brakes, gateways, telemetryDropped }: Watched): void {
    const gauge = (name: string, help: string, read: () => number) => this.#gauge(name, help, [], (set) => set({}, read()));
    this.#gauge('stoa_queue_length', 'Heartbeats, registrations and acknowledgements that wait for a batch.', ['lane'], (set) => {
      for (const [lane, length] of Object.entries(waiting)) set({ lane }, length());
    });
    this.#gauge(
      'stoa_database_connections',
      'Connections to the database by pool and state; `waiting` are callers without one.',
      ['pool', 'state'],
      (set) => {
        for (const [pool, { totalCount, idleCount, waitingCount }] of Object.entries(pools)) {
          set({ pool, state: 'busy' }, totalCount - idleCount);
          set({ pool, state: 'idle' }, idleCount);
          set({ pool, state: 'waiting' }, waitingCount);
        }
      },
    );
    this.#gauge('stoa_gateways', 'Instances by liveness, as of the last sweep.', ['liveness'], (set) => {
      for (const [liveness, count] of Object.entries(gateways())) set({ liveness }, count);
    });
    gauge('stoa_long_polls', 'Runtimes that wait here for a new configuration or a dry run.', longPolls);
    gauge('stoa_event_streams', 'Consoles and others that follow the fleet here.', streams);
    gauge(
      'stoa_sweep_age_seconds',
      'Time since this replica last looked after the leases, or saw that another did. More than 20 is a fault.',
      sweepAgeS,
    );
    this.#gauge(
      'stoa_telemetry_dropped',
      'Spans and lines of the log that the collector of OpenTelemetry did not take since the start, by signal.',
      ['signal'],
      (set) => {
        for (const [signal, count] of Object.entries(telemetryDropped())) set({ signal }, count);
      },
    );
    gauge('stoa_brakes_engaged', 'Environments in which too many instances fell silent at once.', brakes);
  }

  #gauge(name: string, help: string, labelNames: string[], read: (set: (labels: Record<string, string>, value: number) => void) => void): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        read((labels, value) => this.set(labels, value));
      },
    });
  }
}
