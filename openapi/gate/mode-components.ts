import type { Change } from './change.ts';
import { compareSchemas } from './compare-schemas.ts';
import { isGatewayMode } from './compare-values.ts';
import { SeenPairs } from './comparison.ts';
import { objectAt, type OpenApiDocument } from './document.ts';
import { effective, effectiveOf } from './effective-schema.ts';

/** The rule on the modes holds for components that no operation reaches, too: someone may read the document for them alone. */
export function compareModeComponents(baseline: OpenApiDocument, current: OpenApiDocument): Change[] {
  const before = objectAt(baseline.components, 'schemas');
  const after = objectAt(current.components, 'schemas');
  return Object.keys(before)
    .filter((name) => after[name] !== undefined)
    .flatMap((name) => {
      const ref = { $ref: `#/components/schemas/${name}` };
      return compareSchemas(ref, ref, '', {
        baseline,
        current,
        direction: 'request',
        field: holdsMode(baseline, ref) ? 'gateway_mode' : '',
        seen: new SeenPairs(),
      }).filter((change) => change.code.startsWith('gateway-mode-'));
    });
}

function holdsMode(document: OpenApiDocument, ref: unknown): boolean {
  const schema = effectiveOf(document, ref);
  const items = schema.items === undefined ? undefined : effective(document, schema.items);
  return isGatewayMode('', schema) || (items !== undefined && isGatewayMode('', items));
}
