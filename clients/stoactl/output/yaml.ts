import { stringify } from 'yaml';

/** YAML that keeps its lines whole, so that what is searched for in one stands in one. */
export const toYaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
