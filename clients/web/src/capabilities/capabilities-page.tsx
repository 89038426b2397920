import { useState } from 'react';
import { Page } from '../ground/page.tsx';
import matrix from './matrix.json' with { type: 'json' };

type Cell = (typeof matrix.sections)[number]['rows'][number]['cells'][number];

/** As docs/adapters.md words it, and what it means for who deploys there. */
const words: Readonly<Record<string, { says: string; tone: string }>> = {
  exactly: { says: 'Yes', tone: 'good' },
  warned: { says: 'Yes, but', tone: 'warn' },
  partly: { says: 'In part', tone: 'warn' },
  never: { says: 'No', tone: 'bad' },
};

/** `/gateways/capabilities`: what each third-party gateway behind a Connect can express, and why what it cannot is rejected. */
export function CapabilitiesPage() {
  // All of them side by side are for a window that is wide: elsewhere the page would be a hundred screens high.
  const [only, setOnly] = useState(() => (matchMedia('(max-width: 64rem)').matches ? (matrix.gateways[0]?.type ?? '') : ''));
  const shown = matrix.gateways.flatMap(({ type }, index) => (only === '' || type === only ? [index] : []));
  return (
    <Page
      title="What gateways can express"
      lead="STOA Connect configures the gateways that you have. What one of them cannot express is rejected before anything is written there, with the reason; an API is not served without a policy that is attached to it."
    >
      <div className="matrix-choice">
        <label htmlFor="gateway">Gateway</label>
        <select id="gateway" value={only} onChange={({ target }) => setOnly(target.value)}>
          <option value="">All of them</option>
          {matrix.gateways.map(({ type, title }) => (
            <option key={type} value={type}>
              {title}
            </option>
          ))}
        </select>
      </div>
      {matrix.sections.map((section) => (
        <section key={section.title} className="matrix-section" aria-labelledby={idOf(section.title)}>
          <h2 id={idOf(section.title)}>{section.title}</h2>
          <div className="matrix-frame" tabIndex={0} role="region" aria-label={`${section.title} by gateway`}>
            <table className="matrix">
              <thead>
                <tr>
                  <td></td>
                  {shown.map((index) => (
                    <th key={index} scope="col">
                      {matrix.gateways[index]?.title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {section.rows.map(({ title, cells }) => (
                  <tr key={title}>
                    <th scope="row">
                      <Coded text={title} />
                    </th>
                    {shown.map((index) => (
                      <td key={index}>
                        <span className="matrix-gateway" aria-hidden="true">
                          {matrix.gateways[index]?.title}
                        </span>
                        <Support cell={cells[index] as Cell} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      ))}
      <section className="matrix-section" aria-labelledby="notes">
        <h2 id="notes">Worth knowing</h2>
        {shown.map((index) => {
          const gateway = matrix.gateways[index];
          return (
            gateway && (
              <div key={gateway.type} className="matrix-notes">
                <h3>{gateway.title}</h3>
                <p>Proven against: {gateway.proven}.</p>
                <ul>
                  {gateway.notes.map((note) => (
                    <li key={note}>
                      <Coded text={note} />
                    </li>
                  ))}
                </ul>
              </div>
            )
          );
        })}
      </section>
    </Page>
  );
}

const idOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

function Support({ cell: { as, text } }: { cell: Cell }) {
  const word = words[as] ?? { says: as, tone: 'warn' };
  return (
    <>
      <strong className={`matrix-word is-${word.tone}`}>{word.says}</strong>
      {text !== '' && (
        <span className="matrix-why">
          <Coded text={text} />
        </span>
      )}
    </>
  );
}

/** What stands between backticks is code. */
function Coded({ text }: { text: string }) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
