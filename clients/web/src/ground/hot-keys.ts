import { useEffect, useRef } from 'react';
import { navigation } from './nav.ts';

type Actions = { go: (href: string) => void; palette: () => void; keys: () => void };

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
const pageOf = (key: string) => navigation.flatMap(({ pages }) => pages).find((page) => page.key === key);
const togetherMs = 1_500;

/** Every key of the Console beside those of the browser. While something is typed, or a dialog is open, they are letters. */
export function useHotKeys(actions: Actions, isOn: boolean): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    if (!isOn) return undefined;
    let wentAt = Number.NEGATIVE_INFINITY;
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
      const { key } = event;
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
      if (!(isCommand && key === 'k') && !isPlain) return;
      const page = event.timeStamp - wentAt < togetherMs ? pageOf(key) : undefined;
      const takes: Record<string, () => void> = {
        k: () => isCommand && latest.current.palette(),
        '?': () => latest.current.keys(),
        '/': () => document.querySelector<HTMLElement>('main input[type="search"]')?.focus(),
        n: () => document.querySelector<HTMLElement>('main [data-key="n"]')?.click(),
        g: () => void (wentAt = event.timeStamp),
      };
      const action = page === undefined ? takes[key] : () => latest.current.go(page.href);
      if (page !== undefined) wentAt = Number.NEGATIVE_INFINITY;
      if (action === undefined || (key === 'k' && !isCommand && page === undefined)) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [isOn]);
}
