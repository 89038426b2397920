import type { UsageRecord } from '@stoa/generated/schemas.ts';
import type { UsageSink } from '../metering/meter.ts';

/** A spool in memory, which collects the records of parts that were closed: what was noted last, where it is closed without records. */
export const collectingIn = (usage: UsageRecord[]): UsageSink => ({
  open() {
    let noted: readonly UsageRecord[] = [];
    return {
      note: (records) => Promise.resolve(void (noted = records)),
      close: (records = noted) => Promise.resolve(void usage.push(...records)),
    };
  },
});
