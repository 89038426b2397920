import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { To } from './to.tsx';

type PageProps = {
  title: string;
  lead?: ReactNode;
  /** Where this page belongs, for pages of one thing. */
  above?: { href: string; title: string };
  /** At the right of the heading: actions, or how fresh it is. */
  aside?: ReactNode;
  children: ReactNode;
};

/** The head of every page, and what it shows. */
export function Page({ title, lead, above, aside, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · STOA Console`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <div className="page-title">
          {above && (
            <p className="above">
              <To href={above.href}>{above.title}</To> <span aria-hidden="true">/</span>
            </p>
          )}
          <h1>{title}</h1>
          {lead !== undefined && <p className="lead">{lead}</p>}
        </div>
        {aside !== undefined && <div className="page-aside">{aside}</div>}
      </div>
      {children}
    </>
  );
}
