import { useState } from 'react';
import type { Brake } from '@stoa/generated/schemas.ts';
import { releaseBrake } from '../api.ts';
import { formatClock, formatExact } from './times.ts';

/** Environments in which too many instances fell silent at once, each with the way to let them go. */
export function BrakeAlert({ brakes, onReleased }: { brakes: readonly Brake[]; onReleased: () => void }) {
  return brakes.map((brake) => <OneBrake key={brake.environment} brake={brake} onReleased={onReleased} />);
}

function OneBrake({ brake: { environment, held, engaged_at, releases_at }, onReleased }: { brake: Brake; onReleased: () => void }) {
  const [message, setMessage] = useState('');
  const [isBusy, setBusy] = useState(false);
  const release = async () => {
    setBusy(true);
    const outcome = await releaseBrake(environment);
    setBusy(false);
    setMessage(outcome.kind === 'failed' ? outcome.message : '');
    onReleased();
  };
  return (
    <section className="note note-bad failure" aria-label={`Brake of ${environment}`}>
      <div>
        <p className="note-title" role="alert">
          {held.toLocaleString('en')} instances of {environment} fell silent at once
        </p>
        <p>
          More likely they cannot be heard than they are gone: since{' '}
          <time dateTime={engaged_at} title={formatExact(engaged_at)}>
            {formatClock(engaged_at)}
          </time>{' '}
          they are shown late, not offline. That ends when all are back, or at{' '}
          <time dateTime={releases_at} title={formatExact(releases_at)}>
            {formatClock(releases_at)}
          </time>
          . {message}
        </p>
      </div>
      <button type="button" className="button" disabled={isBusy} onClick={() => void release()}>
        They are gone: show them offline
      </button>
    </section>
  );
}
