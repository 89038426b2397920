import packageJson from '../package.json' with { type: 'json' };

/** The product's version. An import, not a file read at run time, so that a bundle carries it along. */
export const version: string = packageJson.version;
