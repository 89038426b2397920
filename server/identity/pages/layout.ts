import type { ServerResponse } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { issuerPath } from '../paths.ts';
import { html } from './html.ts';
import type { Markup, Html } from './html.ts';

/** A whole page. Its form stands in `body`; what went wrong as a whole is told first, to screen readers at once. */
export const page = ({
  title,
  alert,
  refresh,
  body,
}: {
  title: string;
  alert?: string | undefined;
  refresh?: string;
  body: Markup;
}): Html => html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">${refresh !== undefined && html`<meta http-equiv="refresh" content="0; url=${refresh}">`}<title>${alert !== undefined && 'Error: '}${title} · STOA</title>
<link rel="icon" href="/favicon.svg"><link rel="stylesheet" href="${issuerPath}/style.css"></head>
<body><header><svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#1b4f8f"/><path d="M6 12 16 6l10 6v2H6zM8 16h3v7H8zm6.5 0h3v7h-3zm6.5 0h3v7h-3zM6 24.5h20V27H6z" fill="#fff"/></svg><span>STOA</span></header>
<main><div class="card"><h1>${title}</h1>${alert !== undefined && html`<p class="alert" role="alert">${alert}</p>`}
${body}</div></main></body>
</html>
`;

type FieldOptions = {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  value?: string | undefined;
  autocomplete: string;
  hint?: string;
  fault?: string | undefined;
  isCode?: boolean;
  isFixed?: boolean;
  autofocus?: boolean;
  maxLength?: number;
};

/** A labelled input with what is expected and what is wrong of it, which the browser reads out with it. */
export function field({
  name,
  label,
  type = 'text',
  value,
  autocomplete,
  hint,
  fault,
  isCode,
  isFixed,
  autofocus,
  maxLength = 300,
}: FieldOptions): Html {
  const described = [hint !== undefined && `${name}-hint`, fault !== undefined && `${name}-fault`].filter(Boolean).join(' ');
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" maxlength="${maxLength}" required autocapitalize="none" spellcheck="false"${isCode === true && html` class="code"`}${isFixed === true && html` readonly`}${autofocus === true && html` autofocus`}${described !== '' && html` aria-describedby="${described}"`}${fault !== undefined && html` aria-invalid="true"`}>
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}${fault !== undefined && html`<p class="fault" id="${name}-fault">${fault}</p>`}`;
}

/** What a page of signing in may load and where its form may lead, which browsers also ask of the redirects that follow it. */
export const pagePolicy = (formTargets: readonly string[] = []): string =>
  `default-src 'none'; style-src 'self'; img-src 'self' data:; form-action ${["'self'", ...formTargets].join(' ')}; base-uri 'none'; frame-ancestors 'none'`;

const headers = (formTargets: readonly string[]) => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': pagePolicy(formTargets),
  'cache-control': 'no-store',
  // With `no-referrer` browsers send forms with the origin null (Fetch, "append a request Origin header"), and nobody could tell ours from another's.
  'referrer-policy': 'same-origin',
});

export function sendPage(response: ServerResponse, status: number, content: Html, formTargets: readonly string[] = []): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers(formTargets))) response.setHeader(name, value);
  response.end(content.text);
}

/** The same where the issuer asks for a page, and goes on to set cookies. */
export function showPage(ctx: KoaContextWithOIDC, content: Html): void {
  ctx.set(headers([]));
  ctx.body = content.text;
}
