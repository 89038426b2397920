import { gatewayModes } from './adr-057.ts';
import { additive, breaking, narrowed, show, widened, type Change } from './change.ts';
import type { Comparison } from './comparison.ts';
import { canonical } from './document.ts';
import type { EffectiveSchema } from './effective-schema.ts';

/**
 * Compares `enum` and `const`. A removed value always breaks somebody; an added one is safe in a
 * request and breaks the reader of a response. Any edit of the gateway modes is breaking by ADR-057.
 */
export function compareValues(base: EffectiveSchema, current: EffectiveSchema, { direction, field }: Comparison): Change[] {
  const before = base.values;
  const after = current.values;
  if (before === undefined && after === undefined) return [];
  const removed = without(before, after);
  const added = without(after, before);
  if (isGatewayMode(field, base) || isGatewayMode(field, current)) return modeChanges(base.at, before, after, removed, added);
  if (before === undefined) return [narrowed(direction, 'values', base.at, `Any value was allowed; now only ${show(after)}.`)];
  if (after === undefined) return [widened(direction, 'values', base.at, `Only ${show(before)} was allowed; now any value is.`)];
  return [
    ...removed.map((value) => breaking(`${direction}-enum-value-removed`, base.at, `The value ${show(value)} was removed.`)),
    ...added.map((value) =>
      (direction === 'response' ? breaking : additive)(`${direction}-enum-value-added`, base.at, `The value ${show(value)} was added.`),
    ),
  ];
}

const without = (values: readonly unknown[] = [], others: readonly unknown[] = []): unknown[] => {
  const texts = new Set(others.map(canonical));
  return values.filter((value) => !texts.has(canonical(value)));
};

const modeNames: ReadonlySet<string> = new Set(['gateway_mode', 'gateway_modes']);
const modeComponent = /^#\/components\/schemas\/GatewayModes?(\/|$)/;

/** The modes go by several names (`mode` as a filter, `modes` in a key's scope), so two of the three values give them away too. */
export function isGatewayMode(field: string, schema: EffectiveSchema): boolean {
  const known = (schema.values ?? []).filter((value) => (gatewayModes as readonly unknown[]).includes(value));
  return modeNames.has(field) || modeComponent.test(schema.at) || known.length >= 2;
}

function modeChanges(
  where: string,
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
  removed: readonly unknown[],
  added: readonly unknown[],
): Change[] {
  const rule = 'The gateway modes are closed by ADR-057: a new or lost mode needs an ADR of its own.';
  if (before === undefined || after === undefined) {
    return [
      breaking(
        'gateway-mode-changed',
        where,
        `The allowed modes were ${before === undefined ? 'open' : show(before)} and are ${after === undefined ? 'open' : show(after)}. ${rule}`,
      ),
    ];
  }
  return [
    ...removed.map((value) => breaking('gateway-mode-removed', where, `The mode ${show(value)} was removed. ${rule}`)),
    ...added.map((value) => breaking('gateway-mode-added', where, `The mode ${show(value)} was added. ${rule}`)),
  ];
}
