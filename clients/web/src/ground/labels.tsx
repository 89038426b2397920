import { wordsOf } from './form/form.tsx';

type Labels = Readonly<Record<string, string>>;

export const labelsText = (labels: Labels | undefined): string =>
  Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

/** `team=shop tier=gold` as labels. */
export const labelsOf = (text: string | undefined): Record<string, string> =>
  Object.fromEntries(
    wordsOf(text).map((word) => {
      const [name = '', ...rest] = word.split('=');
      return [name, rest.join('=')];
    }),
  );

export function LabelList({ labels }: { labels: Labels | undefined }) {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return '–';
  return (
    <ul className="features">
      {entries.map(([name, value]) => (
        <li key={name}>
          {name}={value}
        </li>
      ))}
    </ul>
  );
}
