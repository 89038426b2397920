import { Counter, Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { circuitStates } from './protector.ts';
import type { UpstreamNumber, UpstreamTable } from './upstream-table.ts';

const where = ['api', 'upstream'] as const;

const counted: readonly { name: string; help: string; label?: string; of: readonly (readonly [value: string, from: UpstreamNumber])[] }[] = [
  { name: 'stoa_circuit_breaker_opened_total', help: 'How often the circuit to an upstream opened.', of: [['', 'opened']] },
  {
    name: 'stoa_upstream_held_calls_total',
    help: 'Calls that were not made for the sake of their upstream, by reason.',
    label: 'reason',
    of: [
      ['circuit_open', 'heldOpen'],
      ['upstream_busy', 'heldBusy'],
    ],
  },
  {
    name: 'stoa_upstream_retries_total',
    help: 'Calls that were to be made once more: made, or left because the budget of retries was used up.',
    label: 'outcome',
    of: [
      ['made', 'retries'],
      ['over_budget', 'retriesOverBudget'],
    ],
  },
];

/** Tells of upstreams that policies protect, as all threads together know them. */
export function addProtectionMetrics(registry: Registry, table: UpstreamTable): void {
  const registers = [registry];
  new Gauge({
    name: 'stoa_circuit_breaker_state',
    help: 'The state of the circuit to an upstream: 1 for that which it is in.',
    labelNames: [...where, 'state'],
    registers,
    collect() {
      this.reset();
      for (const { slot, api, upstream } of table.used()) {
        for (const [at, state] of circuitStates.entries()) this.set({ api, upstream, state }, table.get(slot, 'state') === at ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'stoa_upstream_calls_in_flight',
    help: 'Calls to an upstream that are under way.',
    labelNames: where,
    registers,
    collect() {
      this.reset();
      for (const { slot, api, upstream } of table.used()) this.set({ api, upstream }, table.inFlight(slot));
    },
  });
  for (const { name, help, label, of } of counted) {
    new Counter({
      name,
      help,
      labelNames: label === undefined ? where : [...where, label],
      registers,
      collect() {
        this.reset();
        for (const { slot, api, upstream } of table.used())
          for (const [value, from] of of) this.inc({ api, upstream, ...(label !== undefined && { [label]: value }) }, table.get(slot, from));
      },
    });
  }
}

/** Circuits that are not closed, for heartbeats. */
export function circuitsOpen(table: UpstreamTable): number {
  return [...table.used()].filter(({ slot }) => table.get(slot, 'state') !== 0).length;
}
