import { useState } from 'react';
import type { ListSpec } from './spec.ts';

/**
 * Which columns of a list are shown, kept in this browser. The first names the thing: it is always there. What is kept is where one chose otherwise than usual, so that a column
 * that comes later, as what a session may do is known, is shown.
 */
export function useColumns<T>({ name, columns }: Pick<ListSpec<T>, 'name' | 'columns'>) {
  const kept = `stoa-turned-columns-${name}`;
  const [turned, setTurned] = useState<readonly string[]>(() => localStorage.getItem(kept)?.split(',') ?? []);
  const toggle = (id: string) => {
    const next = turned.includes(id) ? turned.filter((one) => one !== id) : [...turned, id];
    localStorage.setItem(kept, next.join(','));
    setTurned(next);
  };
  return { shown: columns.filter(({ id, isExtra }, index) => index === 0 || (isExtra === true) === turned.includes(id)), toggle };
}
