import { createContext } from 'react';

/** The instant that the page shows. A context, because it changes with every read: only what tells a time follows it. */
export const AsOf = createContext('');
