/** Text that is HTML already. Everything else that comes into a page is escaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export type Markup = Html | string | number | false | undefined | readonly Markup[];

/** HTML, with each value escaped for text and for quoted attributes. */
export const html = (strings: TemplateStringsArray, ...values: readonly Markup[]): Html =>
  new Html(strings.map((part, index) => part + textOf(values[index])).join(''));

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function textOf(content: Markup): string {
  if (content instanceof Html) return content.text;
  if (content === undefined || content === false) return '';
  if (typeof content === 'object') return content.map(textOf).join('');
  return String(content).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
