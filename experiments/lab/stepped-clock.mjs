// Loaded before a program: its wall clock is off by as many milliseconds as the file says. Monotonic time is left alone, as a real step does.
import { readFileSync } from 'node:fs';

const file = process.env['CLOCK_FILE'];
const RealDate = globalThis.Date;
const now = () => RealDate.now() + Number(readFileSync(file, 'utf8'));

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(now());
    else super(...given);
  }

  static now() {
    return now();
  }
};
