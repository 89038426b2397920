import type { Format } from '../output/format-names.ts';
import type { GlobalOptions } from '../session.ts';

export type GetOptions = GlobalOptions & {
  output: Format;
  selector?: string[];
  all?: boolean;
  limit?: number;
  watch?: boolean;
  interval?: number;
  headers: boolean;
};
