import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';

type DialogProps = { title: string; onClose: () => void; children: ReactNode; isWide?: boolean };

/**
 * A dialog above the page: the browser's own, which keeps the focus inside, closes by Escape and gives the focus back. Those of libraries write style elements
 * into the page, which its security policy forbids.
 */
export function Dialog({ title, onClose, children, isWide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const headingId = useId();
  useEffect(() => {
    const opened = dialog.current;
    const before = document.activeElement;
    if (opened?.open === false) {
      opened.showModal();
      // What React gave the focus to could not have it in a closed dialog, and the browser gives it to what comes first: the way out.
      opened.querySelector<HTMLElement>('input, select, textarea')?.focus();
    }
    return () => {
      opened?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={isWide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={headingId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="dialog-head">
        <h2 id={headingId}>{title}</h2>
        <button type="button" className="close" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </div>
      {children}
    </dialog>
  );
}
