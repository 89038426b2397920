import type { TimeWindowConfig } from '@stoa/generated/schemas.ts';
import type { TimeRule } from '../model.ts';

type Day = NonNullable<TimeWindowConfig['days']>[number];
type Hours = { readonly fromMinute: number; readonly toMinute: number };

const weekdays: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const minuteMs = 60_000;

/**
 * A `time_window` of one policy. Days and hours are what clocks in its zone show, by the zone data of `Intl`; they are looked up once a minute, in which no zone of today changes.
 * Throws a `RangeError` for a zone that is not known.
 */
export class TimeWindow implements TimeRule {
  readonly policy: string;
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #days: ReadonlySet<Day>;
  readonly #hours: readonly Hours[];
  readonly #clock: Intl.DateTimeFormat;
  #minute = NaN;
  #isOpen = false;

  constructor(policy: string, { days, hours = [], time_zone: timeZone = 'UTC', not_before: from, not_after: to }: TimeWindowConfig) {
    this.policy = policy;
    this.#fromMs = from === undefined ? -Infinity : Date.parse(from);
    this.#toMs = to === undefined ? Infinity : Date.parse(to);
    this.#days = new Set(days ?? weekdays);
    this.#hours = hours.map((part) => ({ fromMinute: minuteOf(part.from), toMinute: minuteOf(part.to) }));
    this.#clock = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  admits(nowMs: number): boolean {
    if (nowMs < this.#fromMs || nowMs >= this.#toMs) return false;
    const minute = Math.floor(nowMs / minuteMs);
    if (minute !== this.#minute) {
      this.#isOpen = this.#isWithin(minute * minuteMs);
      this.#minute = minute;
    }
    return this.#isOpen;
  }

  #isWithin(timeMs: number): boolean {
    const parts = Object.fromEntries(this.#clock.formatToParts(timeMs).map(({ type, value }) => [type, value]));
    const minute = minuteOf(`${parts['hour']}:${parts['minute']}`);
    const today = weekdays.indexOf((parts['weekday'] ?? '').toLowerCase() as Day);
    const isOn = (day: number): boolean => this.#days.has(weekdays[(day + 7) % 7] as Day);
    if (this.#hours.length === 0) return isOn(today);
    return this.#hours.some(({ fromMinute, toMinute }) =>
      fromMinute < toMinute
        ? isOn(today) && minute >= fromMinute && minute < toMinute
        : (isOn(today) && minute >= fromMinute) || (isOn(today - 1) && minute < toMinute),
    );
  }
}

function minuteOf(time: string): number {
  const [hour = '', minute = ''] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}
