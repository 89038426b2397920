import { useState } from 'react';
import type { ListSpec } from './spec.ts';

/** Which columns of a list are shown, kept in this browser. The first names the thing: it is always there. */
export function useColumns<T>({ name, columns }: Pick<ListSpec<T>, 'name' | 'columns'>) {
  const kept = `stoa-columns-${name}`;
  const [chosen, setChosen] = useState<readonly string[]>(() => {
    const usual = columns.filter(({ isExtra }) => isExtra !== true).map(({ id }) => id);
    return localStorage.getItem(kept)?.split(',') ?? usual;
  });
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
    localStorage.setItem(kept, next.join(','));
    setChosen(next);
  };
  return { shown: columns.filter(({ id }, index) => index === 0 || chosen.includes(id)), toggle };
}
