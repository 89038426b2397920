import { useState } from 'react';
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { Form } from './form/form.tsx';
import { useForm } from './form/use-form.ts';

type DestroyProps = {
  /** What is ended, and the button: `Revoke the key stoa_ck_9af`. */
  title: string;
  verb: string;
  /** What is typed to mean it. */
  name: string;
  /** What will stop working, and who uses it. */
  children: ReactNode;
  destroy: () => Promise<void>;
  onClose: () => void;
};

/** Asks for the name of what cannot be undone, and says what will stop working. */
export function Destroy({ title, verb, name, children, destroy, onClose }: DestroyProps) {
  const [typed, setTyped] = useState('');
  const form = useForm({
    start: {},
    pointers: [],
    save: async () => {
      await destroy();
      onClose();
    },
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="destroy-why">{children}</div>
      <Form form={form} submit={verb} onCancel={onClose} isDangerous isReady={typed.trim() === name}>
        <label className="field">
          <span>
            Type <code>{name}</code> to mean it
          </span>
          <input type="text" value={typed} autoFocus autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
        </label>
      </Form>
    </Dialog>
  );
}
