import { useState } from 'react';
import { Dialog } from './dialog.tsx';

/** A secret that is shown this once: nobody can read it again, the Control Plane neither. */
export function Secret({ title, secret, lead, onClose }: { title: string; secret: string; lead?: string; onClose: () => void }) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{lead} It is shown this once: the Control Plane keeps only what it takes to know it again.</p>
      <Copyable text={secret} label="Secret" />
      <p className="form-foot">
        <button type="button" className="button button-main" onClick={onClose}>
          I have kept it
        </button>
      </p>
    </Dialog>
  );
}

/** A text to copy. */
export function Copyable({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    await navigator.clipboard.writeText(text).then(
      () => setSaid('Copied.'),
      () => setSaid('Your browser does not let this page copy: select the text.'),
    );
  };
  return (
    <div className="copyable">
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
      <p>
        <button type="button" className="button button-small" onClick={() => void copy()}>
          Copy
        </button>{' '}
        <span role="status" className="sub">
          {said}
        </span>
      </p>
    </div>
  );
}
