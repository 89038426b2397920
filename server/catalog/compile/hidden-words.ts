import type { ApiOperation, Tool } from '@stoa/generated/schemas.ts';

/** How descriptions were found to give a model orders, in place of saying what a tool does. None of them runs over more than a line. */
const orders: readonly RegExp[] = [
  /\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|other)\b.{0,20}\b(?:instruction|rule|prompt|message|tool)s?\b/i,
  /\b(?:do not|don't|never|without)\b.{0,20}\b(?:tell|telling|mention|mentioning|inform|informing|ask|asking|show|showing|notify|notifying)\b.{0,20}\b(?:user|human|person|operator)s?\b/i,
  /\b(?:before|after|instead of)\b.{0,20}\b(?:using|calling|invoking)\b.{0,20}\b(?:other|any|every|all) tools?\b/i,
  /\b(?:system|developer) (?:prompt|message|instructions)\b/i,
  /\byou (?:are now|must (?:always|first)|have to always)\b/i,
  /<\/?(?:important|system|secret|instructions?|assistant)\b[^>\n]{0,40}>|\[\/?INST\]|<\|[a-z_]{2,20}\|>/i,
  /<!--/,
  /!\[[^\]\n]{0,80}\]\(\s{0,3}https?:/,
  /(?:~\/\.(?:ssh|aws|kube|cursor|config)\b|\bid_(?:rsa|ed25519)\b|\/etc\/(?:passwd|shadow)\b|\bmcp\.json\b)/i,
];

/** The warnings of one API: a document that is full of them says it in as many. */
const maxWarnings = 20;
const maxQuoted = 80;

/** What in the texts of tools is meant for a model and not for who publishes them, a warning each. */
export function hiddenWordWarnings(operations: readonly Pick<ApiOperation, 'tool'>[]): string[] {
  const warnings = operations.flatMap(({ tool }) => warningsOf(tool));
  const more = warnings.length - maxWarnings;
  return more > 0 ? [...warnings.slice(0, maxWarnings), `So do ${more} more texts of its tools.`] : warnings;
}

function warningsOf({ name, title, description, input_schema: input, output_schema: output }: Tool): string[] {
  const parts = { description: [title ?? '', description ?? ''], 'input schema': input, 'output schema': output };
  return Object.entries(parts).flatMap(([part, value]) => hiddenIn(`The ${part} of the tool ${name}`, value));
}

/**
 * What in the texts of any JSON value is meant for a model and not for who reads it, at most two warnings.
 * @param where the beginning of a sentence, which names the value
 */
export function hiddenIn(where: string, value: unknown): string[] {
  const texts = textsOf(value);
  const marks = new Set(texts.flatMap(unseenIn));
  const order = texts.flatMap((text) => orders.flatMap((shape) => shape.exec(text)?.[0] ?? []))[0];
  return [
    ...(marks.size > 0 ? [`${where} holds characters that nobody sees and a model reads: ${[...marks].slice(0, 5).map(codeOf).join(', ')}.`] : []),
    ...(order === undefined
      ? []
      : [`${where} may be giving orders to the model: ${JSON.stringify(order.slice(0, maxQuoted))}. Read it before agents do.`]),
  ];
}

/** What nobody sees in a text and a model reads: marks without width, of direction and of deprecated tags, selectors that can spell bytes, and control characters. */
const unseen =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]|[\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}]/u;
const unseenIn = (text: string): readonly string[] => (unseen.test(text) ? [...text].filter((character) => unseen.test(character)) : []);

const codeOf = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

/** Every text in a schema, names of members among them: a model is given all of it. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? value.flatMap(textsOf) : Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}
