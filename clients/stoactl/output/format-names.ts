export const formats = ['table', 'wide', 'json', 'yaml', 'name', 'csv'] as const;
export type Format = (typeof formats)[number];
