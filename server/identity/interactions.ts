import type { Request, RequestHandler, Response } from 'express';
import type Provider from 'oidc-provider';
import type { IdentityContext } from './identity-context.ts';
import { noteFailedSignIn, recordOfPerson } from '../audit/of-person.ts';
import { inTransaction } from '../database/in-transaction.ts';
import { isOwnClient } from './clients.ts';
import { textsOf } from './form.ts';
import { issuerPath } from './paths.ts';
import { sendPage } from './pages/layout.ts';
import { codePage, consentPage, passwordPage } from './pages/sign-in.ts';
import { rights } from './resources.ts';
import { admission } from './gateway-tenants.ts';
import type { AdmittedTo } from './gateway-tenants.ts';
import { membershipsFor, tenantParam } from './tenant-grant.ts';
import type { TenantGrant } from './tenant-grant.ts';
import { findByPassword, findUser, membershipsOf, plainEmail, takeSecondFactor } from './users.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;
type Step = (context: IdentityContext, request: Request, response: Response, interaction: Interaction) => Promise<void>;

/** What the password proved, on its way through the browser to the second step. */
type Proof = { userId: string; email: string; until: number };
const proofMs = 5 * 60 * 1000;
const proofContext = (uid: string) => `first step of ${uid}`;

/** A step of the interaction that the browser's cookie belongs to. Whoever has another browser's address has nothing. */
const step =
  (work: Step) =>
  (context: IdentityContext): RequestHandler =>
  async (request, response) => {
    const issuer = await context.issuer();
    await work(context, request, response, await issuer.interactionDetails(request, response));
  };

const action = ({ uid }: Interaction, name: string) => `${issuerPath}/interaction/${uid}/${name}`;

/** Where the form leads in the end: browsers hold `form-action` against redirects, too. */
function targetsOf({ params }: Interaction): string[] {
  const target = URL.parse(String(params['redirect_uri'] ?? ''));
  if (!target) return [];
  return [target.origin === 'null' ? target.protocol : target.origin];
}

export const interactionPage = step(async (context, request, response, interaction) => {
  if (interaction.prompt.name === 'login') return showPassword(context, response, interaction);
  await showConsent(context, request, response, interaction);
});

async function clientOf(context: IdentityContext, { params }: Interaction) {
  const clientId = String(params['client_id']);
  const client = await (await context.issuer()).Client.find(clientId);
  return { id: clientId, name: client?.clientName ?? clientId };
}

async function showPassword(
  context: IdentityContext,
  response: Response,
  interaction: Interaction,
  given: { status?: number; email?: string; alert?: string } = {},
) {
  const hint = interaction.params['login_hint'];
  const email = given.email ?? (typeof hint === 'string' ? hint : undefined);
  const { name: client } = await clientOf(context, interaction);
  sendPage(
    response,
    given.status ?? 200,
    passwordPage({ action: action(interaction, 'password'), client, email, alert: given.alert }),
    targetsOf(interaction),
  );
}

export const passwordGiven = step(async (context, request, response, interaction) => {
  const { email: typed, password } = textsOf(request, ['email', 'password']);
  const email = plainEmail(typed);
  const user = await context.brake.attempt({ address: context.addressOf(request), account: email }, () =>
    findByPassword(context.db, email, password),
  );
  if (!user) {
    await noteFailedSignIn(context.db.pool, context.audit.counted, { email }, { step: 'password', from: context.callerOf(request) });
    await showPassword(context, response, interaction, {
      status: 401,
      email: typed,
      alert: 'Address and password do not belong together. Look at both, and at the Caps Lock key.',
    });
    return;
  }
  const proof: Proof = { userId: user.id, email: user.email, until: Date.now() + proofMs };
  showCode(context, response, interaction, proof);
});

function showCode(context: IdentityContext, response: Response, interaction: Interaction, proof: Proof, alert?: string): void {
  const sealed = context.keys.transient.seal(JSON.stringify(proof), proofContext(interaction.uid)).toString('base64url');
  const content = codePage({ action: action(interaction, 'code'), step: sealed, email: proof.email, alert });
  sendPage(response, alert === undefined ? 200 : 401, content, targetsOf(interaction));
}

export const secondFactorGiven = step(async (context, request, response, interaction) => {
  const { step: sealed, code } = textsOf(request, ['step', 'code']);
  const proof = openProof(context, interaction, sealed);
  if (!proof) {
    await showPassword(context, response, interaction, { status: 401, alert: 'That took too long. Begin again with your password.' });
    return;
  }
  const address = context.addressOf(request);
  const verdict = await context.brake.attempt({ address, account: `second factor of ${proof.userId}` }, async () => {
    const found = await takeSecondFactor({ pool: context.db.pool, keys: context.keys }, proof.userId, code);
    return found === 'wrong' ? undefined : found;
  });
  if (verdict === 'taken') {
    const detail = { by: 'password and second factor', client: (await clientOf(context, interaction)).name };
    await inTransaction(context.db.pool, (client) =>
      recordOfPerson(client, proof.userId, { action: 'signIn', detail, from: context.callerOf(request) }),
    );
    const login = { accountId: proof.userId, amr: ['pwd', 'otp', 'mfa'], remember: false };
    await (await context.issuer()).interactionFinished(request, response, { login });
    return;
  }
  await noteFailedSignIn(
    context.db.pool,
    context.audit.counted,
    { userId: proof.userId },
    { step: 'second factor', from: context.callerOf(request) },
  );
  const alert =
    verdict === 'paused'
      ? 'There were too many wrong codes. Try again in a quarter of an hour.'
      : 'This code is not right, or was used already. Wait for the next one.';
  showCode(context, response, interaction, proof, alert);
});

function openProof({ keys }: IdentityContext, { uid }: Interaction, sealed: string): Proof | undefined {
  try {
    const proof = JSON.parse(keys.transient.open(Buffer.from(sealed, 'base64url'), proofContext(uid))) as Proof;
    return proof.until > Date.now() ? proof : undefined;
  } catch {
    return undefined; // What was not sealed here, or for another interaction.
  }
}

async function showConsent(context: IdentityContext, request: Request, response: Response, interaction: Interaction): Promise<void> {
  const client = await clientOf(context, interaction);
  const userId = interaction.session?.accountId ?? '';
  const [user, { tenants, refusal }] = await Promise.all([findUser(context.db, userId), admissionOf(context, interaction)]);
  if (tenants.length === 0) return refuse(context, request, response, refusal);
  const content = consentPage({
    action: action(interaction, 'consent'),
    abortAction: action(interaction, 'abort'),
    client: client.name,
    unverified: isOwnClient(client.id) ? undefined : String(interaction.params['redirect_uri'] ?? client.id),
    email: user?.email ?? '',
    tenants,
    rights: askedFor(interaction).map((scope) => rights[scope] ?? scope),
  });
  sendPage(response, 200, content, targetsOf(interaction));
}

/** In which tenants the person may let the client act: ours where it is asked for, others where the gateway is that they call. */
async function admissionOf({ db }: IdentityContext, { session, params }: Interaction): Promise<AdmittedTo> {
  const asked = params[tenantParam];
  const tenants = membershipsFor(await membershipsOf(db.pool, session?.accountId ?? ''), asked);
  const clientId = String(params['client_id']);
  if (!isOwnClient(clientId)) return admission(db.pool, tenants, clientId, [params['resource'] ?? []].flat().map(String));
  return { tenants, refusal: asked === undefined ? 'You belong to no tenant.' : `You do not belong to a tenant ${String(asked)}.` };
}

type Missing = { missingOIDCScope?: string[]; missingOIDCClaims?: string[]; missingResourceScopes?: Record<string, string[]> };
const missingOf = ({ prompt }: Interaction) => prompt.details as Missing;
const askedFor = (interaction: Interaction): string[] => {
  const { missingOIDCScope = [], missingResourceScopes = {} } = missingOf(interaction);
  const missing = [...new Set([...Object.values(missingResourceScopes).flat(), ...missingOIDCScope])];
  // Asked again for what was granted before.
  return missing.length > 0
    ? missing
    : String(interaction.params['scope'] ?? '')
        .split(' ')
        .filter(Boolean);
};

export const consentGiven = step(async (context, request, response, interaction) => {
  const issuer = await context.issuer();
  const accountId = interaction.session?.accountId ?? '';
  const clientId = String(interaction.params['client_id']);
  const existing: TenantGrant | undefined = interaction.grantId === undefined ? undefined : await issuer.Grant.find(interaction.grantId);
  const { tenant: chosen } = textsOf(request, ['tenant']);
  const { tenants } = await admissionOf(context, interaction);
  const tenant = tenants.length === 1 ? tenants[0] : tenants.find(({ tenantId }) => tenantId === chosen);
  if (tenant === undefined) return showConsent(context, request, response, interaction);
  // What was granted in another tenant stays there.
  const grant: TenantGrant = isOf(existing, tenant.tenantId) ? existing : new issuer.Grant({ accountId, clientId });
  grant.tenant = tenant.tenantId;
  const { missingOIDCScope = [], missingOIDCClaims = [], missingResourceScopes = {} } = missingOf(interaction);
  if (missingOIDCScope.length > 0) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims.length > 0) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) grant.addResourceScope(resource, scopes.join(' '));
  await issuer.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
});

const isOf = (grant: TenantGrant | undefined, tenantId: string): grant is TenantGrant =>
  (grant?.tenant ?? tenantId) === tenantId && grant !== undefined;

export const interactionAborted = step((context, request, response) => refuse(context, request, response, 'The person refused.'));

async function refuse(context: IdentityContext, request: Request, response: Response, reason: string): Promise<void> {
  const result = { error: 'access_denied', error_description: reason };
  await (await context.issuer()).interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}
