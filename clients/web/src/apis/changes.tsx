import type { ApiOperation } from '@stoa/generated/schemas.ts';
import { Part } from '../ground/facts.tsx';
import { visible } from '../mcp/visible.ts';
import { changesByName, differencesOf } from './differences.ts';
import type { DocumentDifference } from './differences.ts';

type Compared = { operations?: ApiOperation[]; document?: Record<string, unknown> };

/** What differs between two states of an API: its tools by name, then its document by place. */
export function RevisionChanges({ before, after }: { before: Compared; after: Compared }) {
  const tools = changesByName(before.operations ?? [], after.operations ?? [], ({ tool }) => tool.name);
  const places = before.document === undefined || after.document === undefined ? [] : differencesOf(before.document, after.document);
  const kinds = [
    ['Tools that come', tools.added, 'good'],
    ['Tools that go', tools.removed, 'bad'],
    ['Tools that change', tools.changed, 'warn'],
  ] as const;
  const told = kinds.filter(([, names]) => names.length > 0);
  return (
    <Part title="What changes">
      {told.length === 0 && <p className="sub">Its tools stay as they are.</p>}
      {told.map(([title, names, tone]) => (
        <p key={title} className="tool-changes">
          <strong className={`tone-${tone}`}>
            {title}: {names.length}
          </strong>{' '}
          {names.map((name) => (
            <code key={name}>{name}</code>
          ))}
        </p>
      ))}
      {places.length > 0 && (
        <details>
          <summary>
            {places.length} {places.length === 1 ? 'place' : 'places'} of the document
          </summary>
          <dl className="differences">
            {places.map((place) => (
              <Place key={place.pointer} place={place} />
            ))}
          </dl>
        </details>
      )}
    </Part>
  );
}

const longest = 4_000;
const textOf = (value: unknown): string => visible(typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')).slice(0, longest);

function Place({ place: { pointer, change, before, after } }: { place: DocumentDifference }) {
  return (
    <div className="difference">
      <dt>
        <code>{pointer}</code>
      </dt>
      <dd>
        {change !== 'added' && <del>{textOf(before)}</del>}
        {change !== 'removed' && <ins>{textOf(after)}</ins>}
      </dd>
    </div>
  );
}
