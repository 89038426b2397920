import { RE2JS } from 're2js';

/** How often the linear engine was given the text, and which patterns the back-tracking engine of the language was told to try on it. */
export type Readings = { linear: number; native: string[] };

/**
 * Runs `work` and tells which engine matched patterns against a text, or against one that holds it. A pattern for which back-tracking takes for
 * ever must be read by the linear engine, once: that is what makes it fast, on any machine.
 */
export async function enginesThatRead(text: string, work: () => unknown): Promise<Readings> {
  const { test } = RE2JS.prototype;
  const { exec } = RegExp.prototype;
  const readings: Readings = { linear: 0, native: [] };
  RE2JS.prototype.test = function (input) {
    if (typeof input === 'string' && input.includes(text)) readings.linear += 1;
    return test.call(this, input);
  };
  // `test`, `match`, `replace` and their kin all call it.
  RegExp.prototype.exec = function (input) {
    if (input.includes(text)) readings.native.push(this.source);
    return exec.call(this, input);
  };
  try {
    await work();
  } finally {
    RE2JS.prototype.test = test;
    RegExp.prototype.exec = exec;
  }
  return readings;
}
