import { useCallback, useEffect, useRef, useState } from 'react';
import type { Approval, ApprovalList } from '@stoa/generated/schemas.ts';
import { readWaiting } from './approvals-api.ts';
import { Page } from '../ground/page.tsx';
import { useEndOfSession, useMay } from '../ground/session.ts';
import { startPolling } from '../poll.ts';
import type { Poll } from '../poll.ts';
import { WaitingCard } from './waiting-card.tsx';

const intervalMs = 5_000;

type State = { list?: ApprovalList; message: string; signedOut: boolean };

/** `/approvals`: what waits for a person, calls of agents and changes, with the way to say yes or no for whoever may. */
export function ApprovalsPage() {
  const { state, refresh } = useWaiting();
  const mayDecide = useMay()('approveApproval');
  const [said, setSaid] = useState('');
  useEndOfSession(state.signedOut);
  const { list, message } = state;
  const decided = (text: string) => {
    setSaid(text);
    refresh();
  };
  return (
    <Page title="Approvals" lead="Calls of agents and changes that wait for a person’s yes.">
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
    </Page>
  );
}

/** Read from time to time while the page is visible. */
function useWaiting(): { state: State; refresh: () => void } {
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
  return { state, refresh };
}
