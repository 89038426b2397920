import { createRoot } from 'react-dom/client';
import { ModesPage } from './fleet/modes-page.tsx';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { takeCode } from './sign-in/take-code.ts';

const root = createRoot(document.getElementById('root')!);
if (location.pathname === '/sign-in') root.render(<SignInPage code={takeCode()} />);
else root.render(<ModesPage />);
