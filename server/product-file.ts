import { fileURLToPath } from 'node:url';

/**
 * The path of a file that comes with the product, from its path below the root. Bundled or not, the code of this file lies one folder below the
 * root: in `server/` as source, in `dist/` as a program.
 */
export const productFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
