import { useState } from 'react';
import type { Brake } from '@stoa/generated/schemas.ts';
import { releaseBrake } from './read-fleet.ts';
import { useMay } from '../ground/session.ts';
import { formatClock, formatExact } from './times.ts';

type Props = { brake: Brake; mayRelease: boolean; onReleased: () => void };

/** Environments in which too many instances fell silent at once, each with the way to let them go for whoever may. */
export function BrakeAlert({ brakes, onReleased }: { brakes: readonly Brake[]; onReleased: () => void }) {
  const mayRelease = useMay()('releaseBrake');
  if (brakes.length === 0) return null;
  return (
    <div className="note note-bad">
      <p>
        More likely these instances cannot be heard than they are gone. They are shown late, not offline, until all of an environment are back or its
        time is over.
      </p>
      {brakes.map((brake) => (
        <OneBrake key={brake.environment} brake={brake} mayRelease={mayRelease} onReleased={onReleased} />
      ))}
    </div>
  );
}

function OneBrake({ brake: { environment, held, engaged_at, releases_at }, mayRelease, onReleased }: Props) {
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
    <section className="brake" aria-label={`Brake of ${environment}`}>
      <p className="note-title" role="alert">
        {held.toLocaleString('en')} instances of {environment} fell silent at once
      </p>
      <p>
        <Time at={engaged_at} /> to <Time at={releases_at} />
        {message && `. ${message}`}
      </p>
      {mayRelease && (
        <button type="button" className="button" disabled={isBusy} onClick={() => void release()}>
          They are gone: show them offline
        </button>
      )}
    </section>
  );
}

function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatClock(at)}
    </time>
  );
}
