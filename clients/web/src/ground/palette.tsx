import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Dialog } from './dialog.tsx';
import { findThings } from './find-things.ts';
import { visibleTo } from './nav.ts';
import { useMay } from './session.ts';
import { chooseTheme, themes } from './theme.ts';
import { useGo } from './to.tsx';
import { useSettled } from './use-settled.ts';

type Command = { id: string; words: string; kind: string; run: () => void };

/** Finds pages and things by name, and does what has no page. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const listId = useId();
  const go = useGo();
  const may = useMay();
  const wanted = useSettled(text.trim());
  const found = useQuery({
    queryKey: ['palette', wanted],
    queryFn: ({ signal }) => findThings(wanted, may, signal),
    enabled: wanted.length > 1,
  });
  const visit = (href: string) => () => go(href);
  const fixed: Command[] = [
    ...visibleTo(may).flatMap(({ title, pages }) => pages.map((page) => ({ id: page.href, words: page.title, kind: title, run: visit(page.href) }))),
    ...themes.map((theme) => ({ id: theme, words: `Look: ${theme}`, kind: 'Appearance', run: () => chooseTheme(theme) })),
  ];
  const matching = fixed.filter(({ words, kind }) => `${kind} ${words}`.toLowerCase().includes(text.trim().toLowerCase()));
  const things = (wanted.length > 1 ? (found.data ?? []) : []).map(({ href, name, kind }) => ({ id: href, words: name, kind, run: visit(href) }));
  const shown = [...things, ...matching];
  const chosen = Math.min(at, shown.length - 1);
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const steps: Record<string, () => void> = {
    ArrowDown: () => setAt((chosen + 1) % Math.max(1, shown.length)),
    ArrowUp: () => setAt((chosen - 1 + shown.length) % Math.max(1, shown.length)),
    Enter: () => run(shown[chosen]),
  };
  const pressed = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    step();
  };
  return (
    <Dialog title="Find or do" onClose={onClose}>
      <input
        type="search"
        className="palette-input"
        role="combobox"
        aria-label="Page, API, consumer or gateway"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={shown[chosen] && `${listId}-${chosen}`}
        autoFocus
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      <ul className="palette-list" role="listbox" aria-label="Found" id={listId}>
        {shown.map((command, index) => (
          <li
            key={`${command.kind} ${command.id}`}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === chosen}
            ref={index === chosen ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            onClick={() => run(command)}
          >
            <span>{command.words}</span> <span className="sub">{command.kind}</span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="sub palette-none">{found.isFetching ? 'Looking …' : 'Nothing is called so.'}</p>}
    </Dialog>
  );
}
