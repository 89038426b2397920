import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Pool } from 'pg';

type Lane = 'heartbeat' | 'registration';

/** What is asked at the moment of an export. */
export type Watched = {
  readonly pools: Readonly<Record<string, Pool>>;
  readonly waiting: Readonly<Record<Lane, () => number>>;
  readonly longPolls: () => number;
  readonly streams: () => number;
  readonly sweepAgeS: () => number;
  readonly brakes: () => number;
  readonly gateways: () => Readonly<Record<string, number>>;
};

/** Upper bounds in seconds: from a heartbeat alone to what a client gives up on. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const statusClasses = [undefined, '1xx', '2xx', '3xx', '4xx', '5xx'];
const sizes = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

/** The metrics of the Control Plane. Label sets are closed: lanes, pools, states and the operations of the contract. */
export class ControlPlaneMetrics {
  readonly #registry = new Registry();
  readonly #children = new Map<string, Histogram.Internal<string>>();
  readonly #batchSize: Histogram<'lane'>;
  readonly #batchSeconds: Histogram<'lane'>;
  readonly #answers: Counter<'lane' | 'outcome'>;
  readonly #requests: Histogram<'operation' | 'status'>;

  constructor() {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#batchSize = new Histogram({
      name: 'stoa_batch_size',
      help: 'Heartbeats or registrations in one statement.',
      labelNames: ['lane'],
      buckets: sizes,
      registers,
    });
    this.#batchSeconds = new Histogram({
      name: 'stoa_batch_duration_seconds',
      help: 'Time that the database took for one batch.',
      labelNames: ['lane'],
      buckets: seconds,
      registers,
    });
    this.#answers = new Counter({
      name: 'stoa_batched_total',
      help: 'Heartbeats and registrations by outcome: done, refused by what they say, failed with the database, or told to come later.',
      labelNames: ['lane', 'outcome'],
      registers,
    });
    this.#requests = new Histogram({
      name: 'stoa_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer, by operation and class of status. Waiting for news counts.',
      labelNames: ['operation', 'status'],
      buckets: seconds,
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  noteBatch(lane: Lane, size: number, tookS: number): void {
    this.#child(`size ${lane}`, () => this.#batchSize.labels({ lane })).observe(size);
    this.#child(`seconds ${lane}`, () => this.#batchSeconds.labels({ lane })).observe(tookS);
  }

  count(lane: Lane, outcome: 'done' | 'refused' | 'failed' | 'later', count = 1): void {
    this.#answers.inc({ lane, outcome }, count);
  }

  noteRequest(operation: string, status: number, tookS: number): void {
    const kind = statusClasses[Math.floor(status / 100)] ?? 'other';
    this.#child(operation + kind, () => this.#requests.labels({ operation, status: kind })).observe(tookS);
  }

  /** A set of labels is looked up once, so that what is noted of a heartbeat costs a few additions. */
  #child(name: string, make: () => Histogram.Internal<string>): Histogram.Internal<string> {
    const known = this.#children.get(name);
    if (known) return known;
    const made = make();
    this.#children.set(name, made);
    return made;
  }

  /** Gauges that are read when somebody asks. To be called once. */
  watch({ pools, waiting, longPolls, streams, sweepAgeS, brakes, gateways }: Watched): void {
    const gauge = (name: string, help: string, read: () => number) => this.#gauge(name, help, [], (set) => set({}, read()));
    this.#gauge('stoa_queue_length', 'Heartbeats and registrations that wait for a batch.', ['lane'], (set) => {
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
    gauge('stoa_long_polls', 'Runtimes that wait here for a new configuration.', longPolls);
    gauge('stoa_event_streams', 'Consoles and others that follow the fleet here.', streams);
    gauge(
      'stoa_sweep_age_seconds',
      'Time since this replica last looked after the leases, or saw that another did. More than 20 is a fault.',
      sweepAgeS,
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
