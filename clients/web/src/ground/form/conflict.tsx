import type { FormValues } from './use-form.ts';

type ConflictProps = { fields: readonly (readonly [name: string, label: string])[]; before: FormValues; theirs: FormValues; mine: FormValues };

/** What was there, what somebody made of it meanwhile, and what one wants, field by field where they differ. */
export function Conflict({ fields, before, theirs, mine, onTheirs, onMine }: ConflictProps & { onTheirs: () => void; onMine: () => void }) {
  const differing = fields.filter(([name]) => theirs[name] !== mine[name]);
  return (
    <section className="note note-warn" aria-label="Changed meanwhile">
      <p className="note-title" role="alert">
        Somebody changed it while you did. Nothing was saved.
      </p>
      <table className="conflict">
        <thead>
          <tr>
            <td />
            <th scope="col">Before</th>
            <th scope="col">Theirs</th>
            <th scope="col">Yours</th>
          </tr>
        </thead>
        <tbody>
          {differing.map(([name, label]) => (
            <tr key={name}>
              <th scope="row">{label}</th>
              {[before, theirs, mine].map((values, index) => (
                <td key={index} className={values[name] === before[name] ? 'sub' : undefined}>
                  {values[name] || '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="conflict-choice">
        <button type="button" className="button" onClick={onMine}>
          Save mine over theirs
        </button>
        <button type="button" className="button button-quiet" onClick={onTheirs}>
          Take theirs
        </button>
      </p>
    </section>
  );
}
