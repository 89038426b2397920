import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApprovalsPage } from './approvals/approvals-page.tsx';
import { ModesPage } from './fleet/modes-page.tsx';
import { McpPage } from './mcp/mcp-page.tsx';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { takeCode } from './sign-in/take-code.ts';

type Page = () => ReactNode;

const pages: Readonly<Record<string, () => Page | Promise<Page>>> = {
  '/approvals': () => ApprovalsPage,
  '/mcp-servers': () => McpPage,
  // Read by few, and larger than the rest: nobody else waits for it.
  '/gateways/capabilities': async () => (await import('./capabilities/capabilities-page.tsx')).CapabilitiesPage,
};

const root = createRoot(document.getElementById('root')!);
if (location.pathname === '/sign-in') {
  root.render(<SignInPage code={takeCode()} />);
  // A link that is opened where this page is shown already changes the fragment alone, for which no browser loads the page again.
  addEventListener('hashchange', () => {
    const code = takeCode();
    if (code !== undefined) root.render(<SignInPage key={code} code={code} />);
  });
} else {
  const Page = await (pages[location.pathname]?.() ?? ModesPage);
  root.render(<Page />);
}
