import type { KoaContextWithOIDC } from 'oidc-provider';
import { deviceConfirmPage, deviceDonePage, devicePage } from './pages/device.ts';
import { showPage } from './pages/layout.ts';

const words: Readonly<Record<string, string>> = {
  NoCodeError: 'Type the code first.',
  NotFoundError: 'This code is not known. Look at it again: it has eight letters.',
  ExpiredError: 'This code is too old. Start again on the device.',
  AlreadyUsedError: 'This code was used already. Start again on the device.',
  AbortedError: 'Refused: the device is not signed in.',
};

/** The issuer keeps it in the session before it asks for a page. */
const xsrfOf = ({ oidc }: KoaContextWithOIDC): string => (oidc.session?.state as { secret?: string } | undefined)?.secret ?? '';

/** The pages on which a person lets a device in (RFC 8628 §3.3). */
export const devicePages = {
  userCodeInputSource: (ctx: KoaContextWithOIDC, _form: string, out?: { error?: string }, error?: Error) => {
    const alert = error && (words[error.name] ?? (out === undefined ? undefined : 'This did not work. Start again on the device.'));
    showPage(ctx, devicePage({ xsrf: xsrfOf(ctx), code: prefilledCode(ctx), alert }));
  },
  userCodeConfirmSource: (
    ctx: KoaContextWithOIDC,
    _form: string,
    client: { clientId: string; clientName?: string | undefined },
    device: object,
    code: string,
  ) => {
    const { ip } = device as { ip?: string };
    showPage(ctx, deviceConfirmPage({ xsrf: xsrfOf(ctx), code, client: client.clientName ?? client.clientId, address: ip }));
  },
  successSource: (ctx: KoaContextWithOIDC) => showPage(ctx, deviceDonePage(ctx.oidc.client?.clientName ?? 'the device')),
};

/** Of `verification_uri_complete`, which fills the form in and nothing more: see `keepUserCode`. */
export const userCodeProperty = 'stoaUserCode';
const prefilledCode = ({ req }: KoaContextWithOIDC): string | undefined => (req as { [userCodeProperty]?: string })[userCodeProperty];
