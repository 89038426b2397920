import { useEffect, useId, useRef, useState } from 'react';
import type { Approval } from '@stoa/generated/schemas.ts';
import { decideOn } from './approvals-api.ts';
import { formatExact } from '../fleet/times.ts';

type Props = { approval: Approval; mayDecide: boolean; onDecided: (said: string) => void };

/** One that waits: what it would do, who asked for it, until when, and for whoever may the two answers. */
export function WaitingCard({ approval, mayDecide, onDecided }: Props) {
  const { approval_id: id, call, operation, request, requested_by: by, environments, expires_at: expiresAt } = approval;
  const [reason, setReason] = useState('');
  const [message, setMessage] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [reasonId, headingId] = [useId(), useId()];
  const card = useRef<HTMLElement>(null);
  // A link from an agent leads to one of them, which is there only once the list is read.
  useEffect(() => {
    if (location.hash === `#${id}`) card.current?.focus();
  }, [id]);
  const decide = async (decision: 'approve' | 'deny') => {
    setBusy(true);
    const outcome = await decideOn(id, decision, reason);
    setBusy(false);
    if (outcome.kind === 'ok') onDecided(`${call?.tool ?? operation} of ${by}: ${outcome.value.state}.`);
    else setMessage(outcome.kind === 'failed' ? outcome.message : 'You are not signed in any more.');
  };
  return (
    <section className="panel waiting" id={id} ref={card} tabIndex={-1} aria-labelledby={headingId}>
      <h2 id={headingId}>{call?.tool ?? operation}</h2>
      <p>
        {call && (
          <>
            {call.method} {call.path} of {call.api ?? 'an API that is gone'}, asked for by <strong>{by}</strong> at {call.gateway}
          </>
        )}
        {!call && (
          <>
            Asked for by <strong>{by}</strong>
          </>
        )}
        {`, in ${environments.join(', ')}. Waits until `}
        <time dateTime={expiresAt}>{formatExact(expiresAt)}</time>.
      </p>
      <pre tabIndex={0} aria-label={call ? 'Arguments' : 'Request'}>
        <code>{JSON.stringify(call ? (call.arguments ?? {}) : request, null, 2)}</code>
      </pre>
      {mayDecide && (
        <p className="waiting-answers">
          <label htmlFor={reasonId}>Reason, shown to who asked</label>
          <input id={reasonId} type="text" maxLength={1024} value={reason} onChange={(event) => setReason(event.target.value)} />
          <button type="button" className="button" disabled={isBusy} onClick={() => void decide('approve')}>
            Approve
          </button>
          <button type="button" className="button button-quiet" disabled={isBusy} onClick={() => void decide('deny')}>
            Deny
          </button>
        </p>
      )}
      {message !== '' && (
        <p className="note note-bad" role="alert">
          {message}
        </p>
      )}
    </section>
  );
}
