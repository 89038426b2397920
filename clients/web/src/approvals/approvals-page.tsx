import { useCallback, useEffect, useRef, useState } from 'react';
import { operationPermissions } from '@stoa/generated/permissions.ts';
import type { Approval, ApprovalList } from '@stoa/generated/schemas.ts';
import { readSession, readWaiting } from '../api.ts';
import { Layout } from '../layout.tsx';
import { startPolling } from '../poll.ts';
import type { Poll } from '../poll.ts';
import { HowToSignIn } from '../sign-in/how-to-sign-in.tsx';
import { SignOutButton } from '../sign-in/sign-out-button.tsx';
import { WaitingCard } from './waiting-card.tsx';

const intervalMs = 5_000;

type State = { list?: ApprovalList; message: string; signedOut: boolean };

/** `/approvals`: what waits for a person, calls of agents and changes, with the way to say yes or no for whoever may. */
export function ApprovalsPage() {
  const { state, refresh, forget } = useWaiting();
  const mayDecide = useMayDecide();
  const [said, setSaid] = useState('');
  if (state.signedOut) {
    return (
      <Layout title="Signed out">
        <div className="narrow">
          <HowToSignIn heading="You are not signed in" />
        </div>
      </Layout>
    );
  }
  const { list, message } = state;
  const decided = (text: string) => {
    setSaid(text);
    refresh();
  };
  return (
    <Layout title="Approvals" actions={<SignOutButton onSignedOut={forget} />}>
      <div className="page-head">
        <div>
          <h1>Approvals</h1>
          <p className="lead">Calls of agents and changes that wait for a person’s yes.</p>
        </div>
      </div>
      {message !== '' && (
        <p className="note note-bad" role="alert">
          {message}
        </p>
      )}
      <p role="status">{said}</p>
      {list?.items.length === 0 && <p className="nothing">Nothing waits.</p>}
      {list?.items.map((approval: Approval) => (
        <WaitingCard key={approval.approval_id} approval={approval} mayDecide={mayDecide} onDecided={decided} />
      ))}
      {typeof list?.next_cursor === 'string' && <p>More wait behind these: they show when some of them are decided.</p>}
    </Layout>
  );
}

/** Read from time to time while the page is visible. */
function useWaiting(): { state: State; refresh: () => void; forget: () => void } {
  const [state, setState] = useState<State>({ message: '', signedOut: false });
  const poll = useRef<Poll>(undefined);
  useEffect(() => {
    const isVisible = () => document.visibilityState === 'visible';
    const running = startPolling<ApprovalList>({
      load: readWaiting,
      intervalMs,
      isVisible,
      deliver(outcome) {
        if (outcome.kind === 'ok') setState({ list: outcome.value, message: '', signedOut: false });
        else if (outcome.kind === 'failed') setState((before) => ({ ...before, message: outcome.message }));
        else setState({ message: '', signedOut: true });
      },
    });
    poll.current = running;
    const shown = () => isVisible() && running.refresh();
    document.addEventListener('visibilitychange', shown);
    return () => {
      document.removeEventListener('visibilitychange', shown);
      running.stop();
    };
  }, []);
  const refresh = useCallback(() => poll.current?.refresh(), []);
  const forget = useCallback(() => {
    poll.current?.stop();
    setState({ message: '', signedOut: true });
  }, []);
  return { state, refresh, forget };
}

/** Until it is known nothing is offered. */
function useMayDecide(): boolean {
  const [mayDecide, setMayDecide] = useState(false);
  useEffect(() => {
    const left = new AbortController();
    const needed = operationPermissions.approveApproval;
    void readSession(left.signal).then((outcome) => setMayDecide(outcome.kind === 'ok' && outcome.value.permissions.includes(needed)));
    return () => left.abort();
  }, []);
  return mayDecide;
}
