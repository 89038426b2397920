import { createRoot } from 'react-dom/client';
import { chosenTheme, showTheme } from './ground/theme.ts';

showTheme(chosenTheme());
const root = createRoot(document.getElementById('root')!);
if (location.pathname === '/sign-in') {
  const [{ SignInPage }, { takeCode }] = await Promise.all([import('./sign-in/sign-in-page.tsx'), import('./sign-in/take-code.ts')]);
  root.render(<SignInPage code={takeCode()} />);
  // A link that is opened where this page is shown already changes the fragment alone, for which no browser loads the page again.
  addEventListener('hashchange', () => {
    const code = takeCode();
    if (code !== undefined) root.render(<SignInPage key={code} code={code} />);
  });
} else {
  const { Console } = await import('./ground/router.tsx');
  root.render(<Console />);
}
