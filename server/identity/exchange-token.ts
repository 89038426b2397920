import { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Actor } from '../audit/entry.ts';
import { appendFor } from '../audit/append.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { exchangeGrant } from './clients.ts';
import { requireOwn } from './exchange-request.ts';
import type { AskedExchange, ExchangeParts, Params } from './exchange-request.ts';
import { callerAtIssuer } from './machine-sign-in.ts';
import { gatewayTokens, isMcpAddress, toolScope } from './resources.ts';
import { findServiceAccount, isServiceAccountId } from './service-accounts.ts';
import type { ServiceAccountClient } from './service-accounts.ts';
import { subjectOf } from './subject-token.ts';
import type { Act, Subject } from './subject-token.ts';
import { moveToTenant, suspendedTenant } from './switch-tenant.ts';
import { tenantParam } from './tenant-grant.ts';
import { findUser, membershipsOf } from './users.ts';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';
const parameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'resource',
  'audience',
  'scope',
  tenantParam,
];
const tokenTtlS = 10 * 60;
const maxActors = 4;

/** What a token that came from an exchange says besides, until it is signed. */
export const exchangedClaims = new WeakMap<object, { tenant: string; grant?: string | undefined; act?: Act | undefined }>();

/** Token exchange (RFC 8693): a token for another resource, on behalf of the person of the subject token; or the sign-in in another tenant. */
export function offerExchange(parts: ExchangeParts): void {
  parts.provider.registerGrantType(exchangeGrant, async (ctx) => void (ctx.body = await exchange(parts, ctx)), parameters);
}

async function exchange(parts: ExchangeParts, ctx: KoaContextWithOIDC): Promise<object> {
  const { client } = ctx.oidc;
  const params = (ctx.oidc.params ?? {}) as Params;
  if (client === undefined) throw new errors.InvalidClient('client not found');
  requireForm(ctx, params);
  const account = isServiceAccountId(client.clientId) ? await findServiceAccount(parts.pool, client.clientId) : undefined;
  const from = callerAtIssuer(ctx);
  let tenantId = account?.tenantId;
  let actor: Actor = account === undefined ? { kind: 'nobody', ...from } : { kind: 'token', id: account.id, name: account.name, ...from };
  try {
    const subject = await subjectOf(parts, params['subject_token'] ?? '');
    const user = await findUser(parts, subject.userId);
    const member = (await membershipsOf(parts.pool, subject.userId)).find((one) => one.tenantId === subject.tenantId);
    if (!user || !member) throw new errors.InvalidRequest('the subject token is of a person who does not belong to its tenant any more');
    tenantId ??= subject.tenantId;
    if (member.isSuspended && params[tenantParam] === undefined) throw new errors.InvalidRequest(suspendedTenant(member.tenant));
    if (account === undefined) actor = { kind: 'user', id: subject.userId, name: user.name, ...from };
    const asked: AskedExchange = { ctx, client, subject, subjectName: user.name, params };
    if (params[tenantParam] !== undefined) return { ...(await moveToTenant(parts, asked)), issued_token_type: accessTokenType };
    const target = account === undefined ? await targetOfPerson(parts, asked) : await targetOfAccount(parts, asked, account);
    return await issue(parts, asked, target, actor);
  } catch (error) {
    // Of a flood of refusals a few records are made.
    if (tenantId !== undefined && error instanceof errors.OIDCProviderError)
      parts.counted.note(tenantId, {
        kind: 'refusal',
        action: 'exchangeToken',
        outcome: 'refused',
        actor,
        detail: { error: error.error, reason: error.error_description },
      });
    throw error;
  }
}

/** What RFC 8693 §2.1 lets us leave out is left out, and said. */
function requireForm(ctx: KoaContextWithOIDC, params: Params): void {
  const types = ['subject_token_type', 'actor_token_type', 'requested_token_type'] as const;
  for (const type of types)
    if (params[type] !== undefined && params[type] !== accessTokenType) throw new errors.InvalidRequest(`${type} must be ${accessTokenType}`);
  if (params['subject_token'] === undefined || params['subject_token_type'] === undefined)
    throw new errors.InvalidRequest('subject_token and subject_token_type are required');
  if ((params['actor_token'] === undefined) !== (params['actor_token_type'] === undefined))
    throw new errors.InvalidRequest('actor_token and actor_token_type go together');
  if (ctx.get('dpop') !== '') throw new errors.InvalidRequest('tokens of an exchange are bound to no key: send no DPoP proof');
  if (params['resource'] !== undefined && params['audience'] !== undefined && params['resource'] !== params['audience'])
    throw new errors.InvalidTarget('resource and audience name two targets: name one');
}

type Target = { resource: string; act: Act | undefined };

function resourceOf({ resource, audience }: Params): string {
  const asked = resource ?? audience;
  if (asked === undefined) throw new errors.InvalidTarget('name the resource that the token shall be for, or the tenant');
  return asked;
}

/** The command line calls gateways of the tenant for its person, with the sign-in that it has or with a personal access token. */
async function targetOfPerson({ pool }: ExchangeParts, { client, subject, params }: AskedExchange): Promise<Target> {
  requireOwn(client, subject);
  if (params['actor_token'] !== undefined) throw new errors.InvalidRequest('the command line acts for nobody but its person: send no actor_token');
  const resource = resourceOf(params);
  if (!(await isMcpAddress(pool, resource, subject.tenantId)))
    throw new errors.InvalidTarget('no gateway of the tenant of the subject token serves MCP at this resource');
  return { resource, act: subject.act };
}

/** A service account acts for callers of the gateways of its tenant, at the resources that it was given. */
async function targetOfAccount(
  { provider, pool }: ExchangeParts,
  { subject, params }: AskedExchange,
  account: ServiceAccountClient,
): Promise<Target> {
  // Of another tenant nobody is told more than of what never was.
  if (subject.tenantId !== account.tenantId)
    throw new errors.InvalidRequest('the subject token is unknown, expired or revoked, or is none of this issuer');
  const isCallers =
    subject.kind === 'personal' || (subject.kind === 'gateway' && (await isMcpAddress(pool, subject.audience ?? '', account.tenantId)));
  if (!isCallers) throw new errors.InvalidRequest('the subject token was not made for a gateway of the tenant');
  const resource = resourceOf(params);
  if (!account.exchangeResources.includes(resource)) throw new errors.InvalidTarget('this is none of the exchange_resources of the service account');
  return { resource, act: await actOf(provider, subject, params['actor_token'], account) };
}

/** Whoever acted before stays named. */
async function actOf(provider: Provider, { act }: Subject, actorToken: string | undefined, account: ServiceAccountClient): Promise<Act | undefined> {
  if (actorToken === undefined) return act;
  const token = await provider.ClientCredentials.find(actorToken);
  if (token?.clientId !== account.id || token.isSenderConstrained())
    throw new errors.InvalidRequest('the actor token must be a present access token of the service account itself, bound to no key');
  let actors = 1;
  for (let before = act; before !== undefined; before = before.act) actors += 1;
  if (actors > maxActors) throw new errors.InvalidRequest(`the subject token went through ${maxActors} actors already`);
  return { sub: account.id, ...(act && { act }) };
}

async function issue(
  { provider, pool }: ExchangeParts,
  { client, subject, subjectName, params }: AskedExchange,
  { resource, act }: Target,
  actor: Actor,
) {
  const beyond = (params['scope'] ?? toolScope).split(' ').filter((scope) => scope !== toolScope);
  if (beyond.length > 0) throw new errors.InvalidScope(`only ${toolScope} is given by an exchange`, beyond.join(' '));
  // Nothing lives longer than what it was exchanged for, also where the next second begins before it is made.
  const restS = subject.expiresAt === undefined ? tokenTtlS : subject.expiresAt - Math.ceil(Date.now() / 1000);
  if (restS <= 0) throw new errors.InvalidRequest('the subject token has expired');
  const token = new provider.AccessToken({
    accountId: subject.userId,
    client,
    gty: 'token_exchange',
    scope: toolScope,
    expiresIn: Math.min(tokenTtlS, restS),
    resourceServer: gatewayTokens(provider, resource),
  } as never);
  exchangedClaims.set(token, { tenant: subject.tenantId, grant: subject.grant?.toString('base64url'), act });
  const object = { kind: 'user' as const, id: subject.userId, name: subjectName };
  const detail = { resource, client: client.clientName ?? client.clientId, ...(act && { act }) };
  const entry = { kind: 'sign-in' as const, action: 'exchangeToken' as const, outcome: 'done' as const, actor, object, detail };
  await inTransaction(pool, (sql) => appendFor(sql, subject.tenantId, [entry]));
  return {
    access_token: await token.save(),
    issued_token_type: accessTokenType,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: toolScope,
  };
}
