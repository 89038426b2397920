import { isUtf8 } from 'node:buffer';
import type { ContentAction, ContentGuard } from '@stoa/generated/schemas.ts';
import { compilePattern, withPatternAllowance } from '@stoa/lib/pattern.ts';
import type { TextRange } from '@stoa/lib/pattern.ts';
import type { ContentRule, ContentFinding, FindingName, InspectedBody } from '../../model.ts';
import { detectors } from './detectors.ts';
import { depthOf, replaceLeaves } from './json-leaves.ts';

/** One thing to look for. `mask` stands in the place of what was found. */
type Look = { readonly finding: ContentFinding; readonly mask: string; find(text: string): readonly TextRange[] };

const usualMaxBytes = 1024 * 1024;
const textual = /^\s*(?:text\/|application\/(?:[^;]*\+)?(?:json|xml|yaml|x-www-form-urlencoded|graphql|javascript)\b)/i;
const form = /^\s*application\/x-www-form-urlencoded\b/i;

/** What one `guardrails` policy says about bodies that go one way. Throws a `PatternRefusal` for a pattern that cannot be matched in linear time. */
export class ContentInspection implements ContentRule {
  readonly policy: string;
  readonly maxBytes: number;
  readonly #maxDepth: number | undefined;
  readonly #looks: readonly Look[];

  constructor(policy: string, { max_bytes: maxBytes = usualMaxBytes, max_depth: maxDepth, detectors: kinds = [], patterns = [] }: ContentGuard) {
    this.policy = policy;
    this.maxBytes = maxBytes;
    this.#maxDepth = maxDepth;
    this.#looks = [
      ...kinds.map(({ detector, action }) => ({ finding: { policy, name: detector, action }, mask: `[${detector}]`, find: detectors[detector] })),
      ...patterns.map(({ name, pattern: source, action }) => {
        const pattern = compilePattern(source);
        return {
          finding: { policy, name: 'pattern' as const, pattern: name, action },
          mask: `[${name}]`,
          find: (text: string) => pattern.ranges(text),
        };
      }),
    ];
  }

  inspect(body: Buffer, type: string): InspectedBody {
    if (body.length > this.maxBytes) return { body, findings: [this.#fault('size')] };
    if (body.length === 0) return { body, findings: [] };
    const encoding = isUtf8(body) ? 'utf8' : textual.test(type) ? 'latin1' : undefined;
    // An image, or a file: there is no text in it that could be looked into.
    if (encoding === undefined) return { body, findings: [] };
    const text = body.toString(encoding);
    const depth = depthOf(text);
    if (this.#maxDepth !== undefined && depth !== undefined && depth > this.#maxDepth) return { body, findings: [this.#fault('depth')] };
    const found = new Set<ContentFinding>();
    const masked = this.#within(found, (mask) =>
      depth !== undefined ? replaceLeaves(text, mask) : form.test(type) ? maskForm(text, mask) : mask(text),
    );
    return { body: masked === undefined || masked === text ? body : Buffer.from(masked, encoding), findings: [...found] };
  }

  inspectTexts(texts: readonly string[]): readonly ContentFinding[] {
    const found = new Set<ContentFinding>();
    this.#within(found, (mask) => texts.map(mask).join(''));
    return Array.from(found, (finding) => (finding.action === 'mask' ? { ...finding, action: 'refuse' } : finding));
  }

  /** Has a text looked through. What takes too long to look through is taken for what was looked for. */
  #within(found: Set<ContentFinding>, look: (mask: (text: string) => string) => string): string | undefined {
    if (this.#looks.length === 0) return undefined;
    try {
      const texts: string[] = [];
      look((text) => (texts.push(text), text));
      const looks = this.#looksFor(texts.join('\0'));
      if (looks.length === 0) return undefined;
      return withPatternAllowance(() => look((text) => maskIn(text, looks, found)));
    } catch {
      found.add(this.#fault('unreadable', this.#looks.every(({ finding }) => finding.action === 'report') ? 'report' : 'refuse'));
      return undefined;
    }
  }

  /** Of what has a kind only that which is there at all: nearly always nothing, which is known after one look at all texts together. */
  #looksFor(all: string): readonly Look[] {
    return this.#looks.filter(({ finding, find }) => finding.name === 'pattern' || find(all).length > 0);
  }

  #fault(name: FindingName, action: ContentAction = 'refuse'): ContentFinding {
    return { policy: this.policy, name, action };
  }
}

function maskIn(text: string, looks: readonly Look[], found: Set<ContentFinding>): string {
  let masked = text;
  for (const { finding, mask, find } of looks) {
    const ranges = find(masked);
    if (ranges.length === 0) continue;
    found.add(finding);
    if (finding.action === 'mask') masked = replaceRanges(masked, ranges, mask);
  }
  return masked;
}

/** What ranges have in common is masked once. */
function replaceRanges(text: string, ranges: readonly TextRange[], mask: string): string {
  let result = '';
  let copied = 0;
  for (const [start, end] of [...ranges].sort(([one], [other]) => one - other)) {
    if (start >= copied) result += text.slice(copied, start) + mask;
    copied = Math.max(copied, end);
  }
  return result + text.slice(copied);
}

/** Names and values as what they say; only what is masked is written anew. */
function maskForm(text: string, mask: (text: string) => string): string {
  const part = (written: string): string => {
    const [[said = ''] = []] = new URLSearchParams(`${written}=`);
    const masked = mask(said);
    return masked === said ? written : encodeURIComponent(masked);
  };
  return text
    .split('&')
    .map((pair) => pair.split('=').map(part).join('='))
    .join('&');
}
