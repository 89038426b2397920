/** One line of an order. */
export interface Item {
  sku: string;
  quantity: number;
  unit_price_cents: number;
}
export const statuses = ['pending', 'paid', 'shipped', 'delivered', 'cancelled'] as const;
export type OrderStatus = (typeof statuses)[number];
export interface Order {
  id: string;
  customer: string;
  status: OrderStatus;
  items: Item[];
  total_cents: number;
  currency: 'EUR';
  created_at: string;
}

/** A refusal, told to the client as problem+json (RFC 9457). */
export class Problem extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const maxOrders = 10_000;
const nextStatus: Partial<Record<OrderStatus, OrderStatus>> = { pending: 'paid', paid: 'shipped', shipped: 'delivered' };
const item = (sku: string, quantity: number, unit_price_cents: number): Item => ({ sku, quantity, unit_price_cents });

/** Example data: made up. */
const examples: [customer: string, status: OrderStatus, day: string, items: Item[]][] = [
  ['Ada Martin', 'paid', '2026-11-03', [item('TEA-ASSAM-250', 2, 1250)]],
  ['Bram de Vries', 'shipped', '2026-11-05', [item('CUP-GLASS-2', 1, 1890), item('TEA-SENCHA-100', 3, 990)]],
  ['Chiara Rossi', 'delivered', '2026-10-21', [item('KETTLE-1L', 1, 6490)]],
  ['Daniel Okoye', 'pending', '2026-11-20', [item('TEA-ASSAM-250', 1, 1250), item('STRAINER-S', 1, 450)]],
  ['Elif Kaya', 'cancelled', '2026-11-12', [item('CUP-GLASS-2', 4, 1890)]],
];

/** The orders of the example shop, kept in memory, and the rules of how an order moves along. */
export class OrderBook {
  readonly #orders = new Map<string, Order>();
  readonly #answered = new Map<string, { body: string; order: Order }>();
  #lastNumber = 1000;

  constructor() {
    for (const [customer, status, day, items] of examples) this.#add(customer, status, items, `${day}T09:12:00Z`);
  }

  /** The newest first. */
  list(status: OrderStatus | undefined, limit: number): Order[] {
    const found = [...this.#orders.values()].reverse().filter((order) => status === undefined || order.status === status);
    return found.sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at)).slice(0, limit);
  }

  /** @throws Problem 404 */
  get(id: string): Order {
    const order = this.#orders.get(id);
    if (!order) throw new Problem(404, `There is no order '${id}'.`);
    return order;
  }

  /** The same key and body give the first order again. @throws Problem 409 for the same key and another body, 503 when full. */
  create(customer: string, items: Item[], idempotencyKey: string | undefined): Order {
    const body = JSON.stringify([customer, items]);
    const earlier = idempotencyKey === undefined ? undefined : this.#answered.get(idempotencyKey);
    if (earlier && earlier.body !== body) throw new Problem(409, 'Idempotency-Key was used before with another body: send a new key.');
    if (earlier) return earlier.order;
    if (this.#orders.size >= maxOrders) throw new Problem(503, 'The example holds no more orders: restart it.');
    const order = this.#add(customer, 'pending', items, new Date().toISOString());
    if (idempotencyKey !== undefined) this.#answered.set(idempotencyKey, { body, order });
    return order;
  }

  /** One step along. @throws Problem 404, or 409 when the step is not the next one. */
  moveTo(id: string, status: OrderStatus): Order {
    const order = this.get(id);
    if (nextStatus[order.status] !== status) throw new Problem(409, `An order that is ${order.status} cannot become ${status}.`);
    return this.#put({ ...order, status });
  }

  /** @throws Problem 404, or 409 when it was shipped. */
  cancel(id: string): void {
    const order = this.get(id);
    if (order.status === 'shipped' || order.status === 'delivered') throw new Problem(409, `An order that is ${order.status} cannot be cancelled.`);
    this.#put({ ...order, status: 'cancelled' });
  }

  #add(customer: string, status: OrderStatus, items: Item[], created_at: string): Order {
    this.#lastNumber += 1;
    const total_cents = items.reduce((sum, { quantity, unit_price_cents }) => sum + quantity * unit_price_cents, 0);
    return this.#put({ id: `ord_${this.#lastNumber}`, customer, status, items, total_cents, currency: 'EUR', created_at });
  }

  #put(order: Order): Order {
    this.#orders.set(order.id, order);
    return order;
  }
}
