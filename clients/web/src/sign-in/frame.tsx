import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Mark } from '../ground/mark.tsx';

/** Around what is shown to whom nobody knows yet. */
export function Frame({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · STOA Console`;
  }, [title]);
  return (
    <div className="stage stage-alone">
      <a className="brand" href="/gateways/modes">
        <Mark />
        <span>
          STOA <span className="brand-light">Console</span>
        </span>
      </a>
      <main id="main">{children}</main>
    </div>
  );
}
