import { fileURLToPath } from 'node:url';

/** As a source the code below lies one folder beneath the root; the build puts the files beside the program. */
const root = new URL(import.meta.url.endsWith('.ts') ? '../' : './', import.meta.url);

/** The path of a file that comes with the product, from its path below the root. */
export const productFile = (path: string): string => fileURLToPath(new URL(path, root));
