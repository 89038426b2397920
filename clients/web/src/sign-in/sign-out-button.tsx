import { useEffect, useState } from 'react';
import { readSession, signOut } from '../api.ts';

/** For persons: a session that came by the link of a token has no account. */
function AccountLink() {
  const [isPerson, setPerson] = useState(false);
  useEffect(() => {
    const left = new AbortController();
    void readSession(left.signal).then((outcome) => setPerson(outcome.kind === 'ok' && outcome.value.user !== undefined));
    return () => left.abort();
  }, []);
  return (
    isPerson && (
      <a className="button button-quiet" href="/account">
        Account
      </a>
    )
  );
}

export function SignOutButton({ onSignedOut }: { onSignedOut: () => void }) {
  const [message, setMessage] = useState('');
  const leave = async () => {
    const outcome = await signOut();
    // Without a session there is nothing left to end.
    if (outcome.kind === 'failed') setMessage(`Still signed in. ${outcome.message}`);
    else onSignedOut();
  };
  return (
    <>
      <span className="action-error" role="status">
        {message}
      </span>
      <AccountLink />
      <button type="button" className="button button-quiet" onClick={() => void leave()}>
        Sign out
      </button>
    </>
  );
}
