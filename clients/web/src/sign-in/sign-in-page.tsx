import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { signIn } from './sign-in.ts';
import { Frame } from './frame.tsx';
import { HowToSignIn } from './how-to-sign-in.tsx';

const afterwards = '/gateways/modes';

type Attempt = { phase: 'exchanging' | 'no_code' | 'refused' } | { phase: 'failed'; message: string };

/** Exchanges the code of a sign-in link for a session and goes on to the Console. */
export function SignInPage({ code }: { code: string | undefined }) {
  const [attempt, setAttempt] = useState<Attempt>({ phase: code === undefined ? 'no_code' : 'exchanging' });
  const started = useRef(false);
  const run = async (given: string) => {
    setAttempt({ phase: 'exchanging' });
    const outcome = await signIn(given);
    if (outcome.kind === 'ok') location.replace(afterwards);
    else setAttempt(outcome.kind === 'unauthorized' ? { phase: 'refused' } : { phase: 'failed', message: outcome.message });
  };
  useEffect(() => {
    // The code is good once: no second run of an effect may spend it.
    if (code === undefined || started.current) return;
    started.current = true;
    void run(code);
  }, [code]);
  return (
    <Frame title="Sign in">
      <div className="narrow" aria-live="polite">
        {attempt.phase === 'exchanging' && <Panel heading="Signing you in…">The code of your link is being exchanged for a session.</Panel>}
        {attempt.phase === 'no_code' && <HowToSignIn heading="Sign in to the Console" />}
        {attempt.phase === 'refused' && (
          <>
            <Panel heading="This link does not work any more" alert>
              It has been used already, or its ten minutes are over. Every link signs one browser in, once.
            </Panel>
            <HowToSignIn heading="Get a new link" level={2} />
          </>
        )}
        {attempt.phase === 'failed' && code !== undefined && (
          <Panel heading="Signing in failed" alert>
            <p>{attempt.message}</p>
            <button type="button" className="button" onClick={() => void run(code)}>
              Try again
            </button>
          </Panel>
        )}
      </div>
    </Frame>
  );
}

function Panel({ heading, alert = false, children }: { heading: string; alert?: boolean; children: ReactNode }) {
  return (
    <section className={alert ? 'panel panel-bad' : 'panel'}>
      <h1>{heading}</h1>
      {typeof children === 'string' ? <p>{children}</p> : children}
    </section>
  );
}
