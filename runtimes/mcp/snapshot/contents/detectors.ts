import type { ContentDetector } from '@stoa/generated/schemas.ts';
import type { TextRange } from '@stoa/lib/pattern.ts';

/** Of a shape that is global. */
function* matchesOf(text: string, shape: RegExp): Generator<RegExpExecArray> {
  shape.lastIndex = 0;
  for (let match = shape.exec(text); match !== null; match = shape.exec(text)) yield match;
}

/** Where in a text something of a kind is. Each reads a text in a time that its length bounds: candidates begin where a word does, and none is longer than it says. */
type Detector = (text: string) => TextRange[];

/** By ISO/IEC 7812: the beginnings that the brands were given, and how long their numbers are. */
const brands: readonly { readonly begins: RegExp; readonly lengths: readonly number[] }[] = [
  { begins: /^4/, lengths: [13, 16, 19] },
  { begins: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^(?:30[0-5]|3[689])/, lengths: [14, 16, 19] },
  { begins: /^(?:6011|65|64[4-9])/, lengths: [16, 19] },
  { begins: /^35(?:2[89]|[3-8])/, lengths: [16, 19] },
  { begins: /^62/, lengths: [16, 17, 18, 19] },
  { begins: /^(?:5018|5020|5038|5893|6304|6759|676[1-3])/, lengths: [13, 14, 15, 16, 17, 18, 19] },
];

const isCard = (number: string): boolean => brands.some(({ begins, lengths }) => lengths.includes(number.length) && begins.test(number));

/** What can be said of a number while it is read, character by character, so that few are looked at as a whole. */
type Check = { take(code: number): void; isGood(): boolean };

/** ISO/IEC 7812-1, annex B (Luhn), of each length that there is at the moment: whether a digit counts twice depends on how many follow. */
class CheckDigit implements Check {
  #length = 0;
  #twiceAtEven = 0;
  #twiceAtOdd = 0;

  take(code: number): void {
    const digit = code - 0x30;
    const twice = digit > 4 ? 2 * digit - 9 : 2 * digit;
    const isEven = this.#length % 2 === 0;
    this.#twiceAtEven += isEven ? twice : digit;
    this.#twiceAtOdd += isEven ? digit : twice;
    this.#length += 1;
  }

  isGood(): boolean {
    return (this.#length % 2 === 0 ? this.#twiceAtEven : this.#twiceAtOdd) % 10 === 0;
  }
}

type IsPart = (code: number) => boolean;
const isDigit: IsPart = (code) => code >= 0x30 && code <= 0x39;
const isAlphanumeric: IsPart = (code) => isDigit(code) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a);
const isSeparator: IsPart = (code) => code === 0x20 || code === 0x2d;

/**
 * Where numbers are that people write in groups: at each place where one could begin, of as many characters as there may be, and ending where a group does. What comes before or behind it
 * in the same way, a quantity or a date, hides none.
 */
function groupedRanges(text: string, { begins, isPart, lengths, newCheck, isOne }: Grouped): TextRange[] {
  const found: TextRange[] = [];
  let from = 0;
  for (const { index, 0: begin } of matchesOf(text, begins)) {
    const [least, most] = lengths(begin);
    const check = newCheck?.();
    let parts = 0;
    for (let at = index; parts < most && index >= from; at += 1) {
      const code = text.charCodeAt(at);
      const next = text.charCodeAt(at + 1);
      if (isSeparator(code) && isPart(next)) continue;
      if (!isPart(code)) break;
      parts += 1;
      check?.take(code);
      if (parts < least || isAlphanumeric(next) || check?.isGood() === false) continue;
      if (!isOne(text.slice(index, at + 1).replace(/[ -]/g, ''))) continue;
      found.push([index, (from = at + 1)]);
    }
  }
  return found;
}

type Grouped = {
  readonly begins: RegExp;
  readonly isPart: IsPart;
  /** The least and the most characters of one that begins so, without separators. */
  lengths(begin: string): TextRange;
  readonly newCheck?: () => Check;
  isOne(joined: string): boolean;
};

/** Characters by country, as the IBAN registry of ISO 13616 has them. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 ' +
    'HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 ' +
    'RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((each) => [each.slice(0, 2), Number(each.slice(2))]),
);

/** ISO 7064 MOD 97-10. */
function isIban(text: string): boolean {
  let rest = 0;
  for (let at = 4; at < text.length + 4; at += 1) {
    const code = text.charCodeAt(at % text.length);
    rest = isDigit(code) ? (rest * 10 + code - 0x30) % 97 : (rest * 100 + (code | 0x20) - 0x57) % 97;
  }
  return rest === 1;
}

const cards: Grouped = {
  begins: /(?<![\dA-Za-z]|\d[.,])[2-6](?=(?:[ -]?\d){12})/g,
  isPart: isDigit,
  lengths: () => [13, 19],
  newCheck: () => new CheckDigit(),
  isOne: isCard,
};
const ibans: Grouped = {
  begins: /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}/g,
  isPart: isAlphanumeric,
  lengths(begin) {
    const length = ibanLengths.get(begin.slice(0, 2).toUpperCase()) ?? 0;
    return [length, length];
  },
  isOne: isIban,
};

/** RFC 5321 §4.5.3.1: the bounds of an address. */
const email = /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,63}/g;
/** ITU-T E.164: a plus and up to 15 digits. */
const phone = /(?<![\w+])\+[1-9](?:[ .()/-]{0,2}\d){7,14}(?!\d)/g;

/** Each with a beginning that its service gives to nothing else: the shapes that services publish, so that scanners find them. */
const tokens: readonly (readonly [beginnings: readonly string[], shape: RegExp])[] = [
  [['AKIA', 'ASIA'], /(?<![\w-])A(?:KIA|SIA)[A-Z2-7]{16}(?![\w-])/g], // Amazon Web Services
  [['AIza'], /(?<![\w-])AIza[\w-]{35}(?![\w-])/g], // Google
  [['GOCSPX-'], /(?<![\w-])GOCSPX-[\w-]{28}(?![\w-])/g], // Google, of clients
  [['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'], /(?<![\w-])(?:gh[oprsu]_[A-Za-z0-9]{36,251}|github_pat_\w{22,244})/g], // GitHub
  [['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'gloas-'], /(?<![\w-])gl(?:pat|dt|rt|ptt|cbt|oas)-[\w-]{20,300}/g], // GitLab
  [['xox'], /(?<![\w-])xox[abeoprs]-[\w-]{10,250}/g], // Slack
  [['sk_', 'rk_', 'whsec_'], /(?<![\w-])(?:[rs]k|whsec)_(?:(?:live|test)_)?[A-Za-z0-9]{24,250}/g], // Stripe
  [['npm_'], /(?<![\w-])npm_[A-Za-z0-9]{36}(?![\w-])/g], // npm
  [['pypi-'], /(?<![\w-])pypi-[\w-]{80,300}/g], // the Python Package Index
  [['sk-'], /(?<![\w-])sk-(?:ant-|proj-|svcacct-)[\w-]{32,300}/g], // Anthropic, OpenAI
  [['hf_'], /(?<![\w-])hf_[A-Za-z]{34}(?![\w-])/g], // Hugging Face
  [['SG.'], /(?<![\w-])SG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g], // SendGrid
  [['dop_v1_'], /(?<![\w-])dop_v1_[0-9a-f]{64}(?![\w-])/g], // DigitalOcean
  [['hvs.'], /(?<![\w-])hvs\.[\w-]{24,300}/g], // HashiCorp Vault
  [['AGE-SECRET-KEY-'], /(?<![\w-])AGE-SECRET-KEY-1[0-9A-Z]{58}(?![\w-])/g], // age
  [['stoa_'], /(?<![\w-])stoa_[a-z]{2,8}_[\w-]{20,300}/g], // STOA
  [['eyJ'], /(?<![\w-])eyJ[\w-]{8,8000}\.eyJ[\w-]{8,8000}\.[\w-]{0,2000}/g], // JSON Web Tokens (RFC 7519)
];

const keyBegins = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const keyEnd = '-----END ';

/** Each to the line that ends it, or to the end of a text that was cut off. */
function keyRanges(text: string): TextRange[] {
  const found: TextRange[] = [];
  let from = 0;
  for (const {
    index,
    0: { length },
  } of matchesOf(text, keyBegins)) {
    if (index < from) continue;
    const end = text.indexOf(keyEnd, index + length);
    const closed = end < 0 ? -1 : text.indexOf('-----', end + keyEnd.length);
    found.push([index, (from = closed < 0 ? text.length : closed + 5)]);
  }
  return found;
}

const rangesOf = (text: string, shape: RegExp): TextRange[] =>
  Array.from(matchesOf(text, shape), ({ index, 0: { length } }) => [index, index + length]);

export const detectors: Readonly<Record<ContentDetector, Detector>> = {
  payment_card: (text) => groupedRanges(text, cards),
  iban: (text) => groupedRanges(text, ibans),
  email: (text) => (text.includes('@') ? rangesOf(text, email) : []),
  phone: (text) => (text.includes('+') ? rangesOf(text, phone) : []),
  private_key: (text) => (text.includes('-----BEGIN ') ? keyRanges(text) : []),
  access_token: (text) =>
    tokens.flatMap(([beginnings, shape]) => (beginnings.some((beginning) => text.includes(beginning)) ? rangesOf(text, shape) : [])),
};
