import { useEffect, useState } from 'react';
import { operationPermissions } from '@stoa/generated/permissions.ts';
import type { Access } from '@stoa/generated/permissions.ts';
import type { Brake } from '@stoa/generated/schemas.ts';
import { readSession, releaseBrake } from '../api.ts';
import { formatClock, formatExact } from './times.ts';

type Props = { brake: Brake; mayRelease: boolean; onReleased: () => void };

/** Environments in which too many instances fell silent at once, each with the way to let them go for whoever may. */
export function BrakeAlert({ brakes, onReleased }: { brakes: readonly Brake[]; onReleased: () => void }) {
  const mayRelease = useMayRelease(brakes.length > 0);
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

const needed: Access = operationPermissions.releaseBrake;

/** Asked for when there is something to release; until it is known nothing is offered. */
function useMayRelease(isAsked: boolean): boolean {
  const [mayRelease, setMayRelease] = useState(false);
  useEffect(() => {
    if (!isAsked) return undefined;
    const left = new AbortController();
    void readSession(left.signal).then((outcome) => setMayRelease(outcome.kind === 'ok' && outcome.value.permissions.includes(needed)));
    return () => left.abort();
  }, [isAsked]);
  return mayRelease;
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
