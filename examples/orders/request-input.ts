import type { IncomingMessage } from 'node:http';
import { type Item, type OrderStatus, Problem, statuses } from './order-book.ts';

const maxBytes = 64 * 1024;

/** A JSON object of at most 64 KiB. @throws Problem 400, 413 or 415. */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json') throw new Problem(415, 'Send the body as application/json.');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new Problem(413, `The body must not be over ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // One answer for whatever is wrong with the JSON.
  }
  throw new Problem(400, 'The body must be a JSON object.');
}

/** @throws Problem 400 */
export function readListQuery(query: URLSearchParams): { status: OrderStatus | undefined; limit: number } {
  const status = query.get('status');
  const limit = query.get('limit') ?? '20';
  if (status !== null && !isStatus(status)) throw new Problem(400, `status must be one of ${statuses.join(', ')}.`);
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100) throw new Problem(400, 'limit must be a whole number from 1 to 100.');
  return { status: status ?? undefined, limit: Number(limit) };
}

/** @throws Problem 400 */
export function readNewOrder(body: Record<string, unknown>): { customer: string; items: Item[] } {
  refuseOthers(body, ['customer', 'items'], '');
  const { customer, items } = body;
  if (!isText(customer, 100)) throw new Problem(400, 'customer must be a text of 1 to 100 characters.');
  if (!Array.isArray(items) || items.length < 1 || items.length > 50) throw new Problem(400, 'items must be a list of 1 to 50 items.');
  return { customer, items: items.map((item: unknown, index) => readItem(item, `items[${index}]`)) };
}

/** @throws Problem 400 */
export function readStatusChange(body: Record<string, unknown>): OrderStatus {
  refuseOthers(body, ['status'], '');
  const { status } = body;
  if (status !== 'paid' && status !== 'shipped' && status !== 'delivered') throw new Problem(400, 'status must be one of paid, shipped, delivered.');
  return status;
}

/** @throws Problem 400 */
export function readIdempotencyKey(request: IncomingMessage): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (!isText(key, 64)) throw new Problem(400, 'Idempotency-Key must be a text of 1 to 64 characters.');
  return key;
}

function readItem(value: unknown, at: string): Item {
  if (typeof value !== 'object' || value === null) throw new Problem(400, `${at} must be an object.`);
  refuseOthers(value, ['sku', 'quantity', 'unit_price_cents'], `${at}.`);
  const { sku, quantity, unit_price_cents } = value as Record<string, unknown>;
  if (!isText(sku, 64)) throw new Problem(400, `${at}.sku must be a text of 1 to 64 characters.`);
  if (!isWhole(quantity, 1, 1000)) throw new Problem(400, `${at}.quantity must be a whole number from 1 to 1000.`);
  if (!isWhole(unit_price_cents, 0, 100_000_000)) throw new Problem(400, `${at}.unit_price_cents must be a whole number from 0 to 100000000.`);
  return { sku, quantity, unit_price_cents };
}

function refuseOthers(value: object, known: string[], at: string): void {
  const other = Object.keys(value).find((name) => !known.includes(name));
  if (other !== undefined) throw new Problem(400, `${at}${other} is not a known field.`);
}

const isStatus = (value: string): value is OrderStatus => (statuses as readonly string[]).includes(value);
const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length >= 1 && value.length <= max;
const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
