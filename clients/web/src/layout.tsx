import { useEffect } from 'react';
import type { ReactNode } from 'react';

const pages = [
  ['/gateways/modes', 'Gateways'],
  ['/mcp-servers', 'MCP servers'],
  ['/approvals', 'Approvals'],
] as const;

/** The frame of every page: a skip link, the banner, and `main`. `actions` stand at the right of the banner. */
export function Layout({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · STOA Console`;
  }, [title]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="banner">
        <div className="banner-inner">
          <a className="brand" href="/gateways/modes">
            <Mark />
            <span>
              STOA <span className="brand-light">Console</span>
            </span>
          </a>
          <nav className="pages" aria-label="Pages">
            {pages.map(([href, words]) => (
              <a key={href} href={href} aria-current={location.pathname === href ? 'page' : undefined}>
                {words}
              </a>
            ))}
          </nav>
          <div className="banner-actions">{actions}</div>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="footer">
        <a href="/gateways/capabilities">What gateways can express</a>
        <a href="/docs">API reference</a>
        <a href="/openapi.json">OpenAPI document</a>
      </footer>
    </>
  );
}

/** A stoa: a roof on columns. */
function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="7" className="mark-ground" />
      <path d="M6 12 16 6l10 6v2H6zM8 16h3v7H8zm6.5 0h3v7h-3zm6.5 0h3v7h-3zM6 24.5h20V27H6z" fill="#fff" />
    </svg>
  );
}
