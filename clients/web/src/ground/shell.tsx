import { Outlet, useLocation } from '@tanstack/react-router';
import { Suspense, lazy, useEffect, useRef, useState } from 'react';
import { signOut } from '../api.ts';
import { useHotKeys } from './hot-keys.ts';
import { Mark } from './mark.tsx';
import { visibleTo } from './nav.ts';
import { Offline } from './offline.tsx';
import { endSession, useMay, useSession, useSignedOut } from './session.ts';
import { To, useGo } from './to.tsx';

const Palette = lazy(() => import('./palette.tsx'));
const KeysHelp = lazy(() => import('./keys-help.tsx'));
const HowToSignIn = lazy(async () => ({ default: (await import('../sign-in/how-to-sign-in.tsx')).HowToSignIn }));

/** The frame of every page: a skip link, the navigation, and `main`. */
export function Shell() {
  const signedOut = useSignedOut();
  const { pathname } = useLocation();
  const [isOpen, setOpen] = useState(false);
  const [above, setAbove] = useState<'palette' | 'keys'>();
  const main = useRef<HTMLElement>(null);
  const shownPath = useRef(pathname);
  useEffect(() => {
    if (shownPath.current === pathname) return;
    shownPath.current = pathname;
    setOpen(false);
    // Whoever hears the page hears the next one from its beginning.
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);
  const go = useGo();
  useHotKeys({ go, palette: () => setAbove('palette'), keys: () => setAbove('keys') }, !signedOut);
  const close = () => setAbove(undefined);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <div className="shell">
        <header className="side" data-open={isOpen}>
          <div className="side-head">
            <To className="brand" href="/home">
              <Mark />
              <span>
                STOA <span className="brand-light">Console</span>
              </span>
            </To>
            <button type="button" className="button button-quiet menu" aria-expanded={isOpen} aria-controls="side" onClick={() => setOpen(!isOpen)}>
              Menu
            </button>
          </div>
          <div className="side-body" id="side">
            {!signedOut && (
              <>
                <button type="button" className="find" aria-keyshortcuts="Control+K" onClick={() => setAbove('palette')}>
                  Find or do … <kbd>Ctrl K</kbd>
                </button>
                <Navigation pathname={pathname} />
                <Account />
              </>
            )}
          </div>
        </header>
        <div className="stage">
          <Offline />
          <main id="main" tabIndex={-1} ref={main}>
            {signedOut ? <SignedOut /> : <Outlet />}
          </main>
          <footer className="footer">
            <a href="/docs">API reference</a>
            <a href="/openapi.json">OpenAPI document</a>
            {!signedOut && (
              <button type="button" className="as-link" aria-keyshortcuts="?" onClick={() => setAbove('keys')}>
                Keys
              </button>
            )}
          </footer>
        </div>
      </div>
      <Suspense>
        {above === 'palette' && <Palette onClose={close} />}
        {above === 'keys' && <KeysHelp onClose={close} />}
      </Suspense>
    </>
  );
}

function Navigation({ pathname }: { pathname: string }) {
  const may = useMay();
  return (
    <nav className="nav" aria-label="Pages">
      {visibleTo(may).map(({ title, pages }) => (
        <div key={title} className="nav-section">
          {pages[0]?.title !== title && <p className="nav-title">{title}</p>}
          <ul>
            {pages.map(({ href, title: words }) => (
              <li key={href}>
                <To href={href} aria-current={isWithin(pathname, href) ? 'page' : undefined}>
                  {words}
                </To>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

const isWithin = (pathname: string, href: string): boolean => pathname === href || pathname.startsWith(`${href}/`);

function Account() {
  const session = useSession();
  const [message, setMessage] = useState('');
  const leave = async () => {
    const outcome = await signOut();
    // Without a session there is nothing left to end.
    if (outcome.kind === 'failed') setMessage(`Still signed in. ${outcome.message}`);
    else endSession();
  };
  const who = session?.user?.email ?? session?.name;
  return (
    <div className="side-foot">
      {who !== undefined && <p className="who">{who}</p>}
      {session?.tenant && session.tenant.name !== 'default' && <p className="sub">{session.tenant.name}</p>}
      <p className="action-error" role="status">
        {message}
      </p>
      <div className="side-actions">
        {session?.user && <a href="/account">Account</a>}
        <button type="button" className="as-link" onClick={() => void leave()}>
          Sign out
        </button>
      </div>
    </div>
  );
}

function SignedOut() {
  useEffect(() => {
    document.title = 'Signed out · STOA Console';
  }, []);
  return (
    <div className="narrow">
      <Suspense>
        <HowToSignIn heading="You are not signed in" />
      </Suspense>
    </div>
  );
}
