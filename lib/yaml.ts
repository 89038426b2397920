import { createRequire } from 'node:module';
import type yamlPackage from 'yaml';

type Yaml = Pick<typeof yamlPackage, 'parse' | 'stringify'>;

/** Reads and writes YAML. Loaded when it is needed: the parser costs a program 13 MB of resident memory and a twentieth of a second, and most never see a file. */
export const yaml = (): Yaml => createRequire(import.meta.url)('yaml') as Yaml;
