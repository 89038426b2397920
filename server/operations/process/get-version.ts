import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import { contractRevision } from '@stoa/generated/contract-revision.ts';
import { version } from '@stoa/lib/version.ts';
import type { RequestContext } from '../../context.ts';

export const getVersion: Handler<operations['getVersion'], RequestContext> = async () => ({
  status: 200,
  body: { product: 'STOA Control Plane', version, contract_revision: contractRevision },
});
