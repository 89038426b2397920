import type { operations } from '@stoa/generated/control-plane.types.ts';
import type { Handler } from '@stoa/generated/handlers.ts';
import type { RequestContext } from '../../context.ts';
import { cliClientId } from '../../identity/clients.ts';
import { apiScope, issuerOf } from '../../identity/paths.ts';

export const getSignIn: Handler<operations['getSignIn'], RequestContext> = async (_input, { publicUrl, external }) => ({
  status: 200,
  body:
    external === undefined
      ? { issuer: issuerOf(publicUrl()), client_id: cliClientId, scopes: ['openid', apiScope], kind: 'embedded' }
      : { issuer: external.issuer, client_id: external.cliClientId, scopes: [...external.scopes], kind: 'external' },
});
