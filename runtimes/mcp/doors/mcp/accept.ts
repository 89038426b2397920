/** What the MCP endpoint can answer in. */
const ours = ['application/json', 'text/event-stream'] as const;

const bothForms = ours.join(', ');

const verdicts = { post: new Map<string, string>(), other: new Map<string, string>() };
const maxVerdicts = 256;

/**
 * An `Accept` header in one spelling: those of our forms that it accepts, a stream first for who prefers it and else last, so that wildcards, other cases and
 * weights mean to everything after us what RFC 9110 §12.5.1 says. Without the header everything is accepted; empty when neither
 * form is. MCP has clients that POST accept both forms, and the SDK refuses others; but what they are answered is JSON, so that
 * whoever accepts that, as `application/*` does, can be served.
 */
export function plainAccept(method: string | undefined, header: string | undefined): string {
  if (header === undefined) return bothForms;
  const known = method === 'POST' ? verdicts.post : verdicts.other;
  let verdict = known.get(header);
  if (verdict === undefined) {
    const ranges = rangesOf(header);
    const accepted = ours.filter((type) => isAccepted(type, ranges));
    const spelled = method === 'POST' && accepted.includes('application/json') ? ours : accepted;
    verdict = (prefersStream(header) ? spelled.toReversed() : spelled).join(', ');
    // Clients repeat theirs; whoever makes up new ones shall not fill the memory.
    if (known.size >= maxVerdicts) known.clear();
    known.set(header, verdict);
  }
  return verdict;
}

/** Whether a client names event streams before anything else: what may be answered in either form is a stream then. */
export const prefersStream = (accept: string | undefined): boolean =>
  accept?.startsWith('text/event-stream') === true && accept.includes('application/json');

type Range = { readonly range: string; readonly weight: number };

/** Media ranges and their weights; other parameters, such as a charset, play no part. */
function rangesOf(header: string): Range[] {
  return header.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { range, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
}

/** The most specific range that matches decides; a weight of 0, or one that is no number, refuses. */
function isAccepted(type: string, ranges: readonly Range[]): boolean {
  const specifics = [type, `${type.split('/', 1)[0]}/*`, '*/*'];
  const deciding = specifics.map((specific) => ranges.find(({ range }) => range === specific)).find((range) => range !== undefined);
  return deciding !== undefined && deciding.weight > 0;
}
