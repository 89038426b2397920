import type { GlobalOptions } from '../session.ts';

export type AuditListOptions = GlobalOptions & {
  kind?: 'change' | 'sign-in' | 'refusal' | 'key-use' | 'export';
  action?: string;
  actor?: string;
  object?: string;
  outcome?: 'done' | 'refused' | 'failed';
  since?: string;
  until?: string;
  limit?: number;
  all?: boolean;
  output: 'table' | 'json' | 'jsonl';
};
export type AuditVerifyOptions = GlobalOptions & { file?: string; key?: string[]; output: 'table' | 'json' };
export type AuditExportOptions = GlobalOptions & { to?: string };
