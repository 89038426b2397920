import { useEffect, useId, useRef, useState } from 'react';
import { messageOf } from '../fault.ts';
import { useSettled } from '../use-settled.ts';
import { exportList } from './export.ts';
import type { ListAsk, ListColumn, ListSpec } from './spec.ts';

type BarProps<T> = {
  spec: ListSpec<T>;
  ask: ListAsk;
  choose: (ask: ListAsk) => void;
  shown: readonly ListColumn<T>[];
  toggle: (id: string) => void;
};

/** Above a list that can be searched: search, filters, which columns, and export. */
export function ListBar<T>({ spec, ask, choose, shown, toggle }: BarProps<T>) {
  return (
    <div className="list-bar">
      {spec.searches !== undefined && <ListSearch words={spec.searches} ask={ask} choose={choose} />}
      {(spec.filters ?? []).map(({ name, title, any, options }) => (
        <label key={name} className="filter-field">
          {title}
          <select value={ask[name] ?? ''} onChange={(event) => choose({ ...ask, [name]: event.target.value || undefined })}>
            <option value="">{any}</option>
            {options.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      ))}
      <ListTools spec={spec} ask={ask} shown={shown} toggle={toggle} />
    </div>
  );
}

/** Which columns are shown, and everything that matches as a file. */
export function ListTools<T>({ spec, ask, shown, toggle }: Omit<BarProps<T>, 'choose'>) {
  const [said, setSaid] = useState('');
  const menuId = useId();
  const save = async (format: 'csv' | 'json') => {
    setSaid('Reading all of it …');
    await exportList(spec, ask, shown, format).then(
      () => setSaid('Exported.'),
      (error: unknown) => setSaid(messageOf(error)),
    );
  };
  return (
    <div className="list-tools">
      <span className="list-said sub" role="status">
        {said}
      </span>
      <button type="button" className="button button-small" popoverTarget={menuId}>
        Columns and export
      </button>
      <div id={menuId} popover="auto" className="menu-box">
        <fieldset>
          <legend>Columns</legend>
          {spec.columns.slice(1).map(({ id, title }) => (
            <label key={id}>
              <input type="checkbox" checked={shown.some((column) => column.id === id)} onChange={() => toggle(id)} /> {title}
            </label>
          ))}
        </fieldset>
        <p>
          <button type="button" className="button button-small" onClick={() => void save('csv')}>
            Export CSV
          </button>{' '}
          <button type="button" className="button button-small" onClick={() => void save('json')}>
            Export JSON
          </button>
        </p>
      </div>
    </div>
  );
}

function ListSearch({ words, ask, choose }: { words: string; ask: ListAsk; choose: (ask: ListAsk) => void }) {
  const [text, setText] = useState(ask['search'] ?? '');
  const told = useRef(ask['search']);
  const settled = useSettled(text).trim() || undefined;
  useEffect(() => {
    // Back or a link changed the address.
    if (ask['search'] !== told.current) setText(ask['search'] ?? '');
    told.current = ask['search'];
  }, [ask]);
  const latest = useRef({ ask, choose });
  latest.current = { ask, choose };
  useEffect(() => {
    if (settled === told.current) return;
    told.current = settled;
    latest.current.choose({ ...latest.current.ask, search: settled });
  }, [settled]);
  return (
    <label className="filter-field list-search">
      <span className="visually-hidden">{words}</span>
      <input type="search" value={text} maxLength={128} placeholder={words} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}
