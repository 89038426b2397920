import { Dialog } from './dialog.tsx';
import { visibleTo } from './nav.ts';
import { useMay } from './session.ts';

const general = [
  ['Ctrl K', 'Find a page or a thing, or do something'],
  ['/', 'Search in the list'],
  ['n', 'Make a new one, where the page makes some'],
  ['?', 'Show these keys'],
  ['Esc', 'Close what is open'],
] as const;

/** Every key of the Console. */
export default function KeysHelp({ onClose }: { onClose: () => void }) {
  const pages = visibleTo(useMay()).flatMap((section) => section.pages.filter(({ key }) => key !== undefined));
  const rows = [...general, ...pages.map(({ key, title }) => [`g ${key}`, `Go to ${title}`] as const)];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {rows.map(([keys, words]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
