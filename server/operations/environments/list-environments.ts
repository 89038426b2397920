import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { toEnvironment } from '../../approvals/environment-rows.ts';
import { requireOperator } from '../../context.ts';
import type { RequestContext } from '../../context.ts';
import { inTenant } from '../../tenants/in-tenant.ts';
import { pageBy } from '../page.ts';
import type { Order } from '../page.ts';

type Row = { environment: string; four_eyes: string[] | null };

const byName: Order<Row, string> = {
  toText: ({ environment }) => environment,
  fromText: (text) => (/^[a-z0-9-]{1,64}$/.test(text) ? text : undefined),
};

/** Those that gateways, deployments or settings name. */
export const listEnvironments: Handler<operations['listEnvironments'], RequestContext> = async ({ query }, context) => {
  const { tenantId } = requireOperator(context);
  const page = await inTenant(context, (tx) =>
    pageBy(
      query,
      byName,
      (take, after = '') => tx.$queryRaw<Row[]>`
        SELECT n.environment, s.four_eyes FROM (
          SELECT environment FROM gateway WHERE tenant_id = ${tenantId}::uuid
          UNION SELECT environment FROM environment_setting WHERE tenant_id = ${tenantId}::uuid
          UNION SELECT jsonb_array_elements_text(targets->'environments') FROM deployment WHERE tenant_id = ${tenantId}::uuid AND targets ? 'environments') n
        LEFT JOIN environment_setting s ON s.tenant_id = ${tenantId}::uuid AND s.environment = n.environment
        WHERE n.environment > ${after} ORDER BY n.environment LIMIT ${take}::int`,
      ({ environment, four_eyes }) => toEnvironment(environment, four_eyes === null ? null : { four_eyes }),
    ),
  );
  return { status: 200, body: page };
};
