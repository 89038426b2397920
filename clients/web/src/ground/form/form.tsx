import { useEffect, useId, useRef } from 'react';
import type { ReactNode } from 'react';
import type { FormState } from './use-form.ts';

type FormProps = {
  form: FormState;
  submit: string;
  onCancel?: () => void;
  cancel?: string;
  children: ReactNode;
  isDangerous?: boolean;
  isReady?: boolean;
};

/** Fields, what is wrong beyond them, and the way on. After a refusal the first field at fault has the focus. */
export function Form({ form, submit, onCancel, cancel = 'Cancel', children, isDangerous = false, isReady = true }: FormProps) {
  const element = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!form.isBusy) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form.isBusy]);
  return (
    <form
      ref={element}
      className="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit();
      }}
    >
      {form.rest.length > 0 && (
        <div className={form.isWaiting ? 'note note-warn' : 'note note-bad'} role="alert">
          {form.rest.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </div>
      )}
      {form.isConflict && (
        <p className="note note-warn" role="alert">
          Somebody changed it while you did. Nothing was saved. Open it again to begin from what it is now, and take along what you want to keep.
        </p>
      )}
      {children}
      <div className="form-foot">
        <button type="submit" className={isDangerous ? 'button button-bad' : 'button button-main'} disabled={form.isBusy || !isReady}>
          {submit}
        </button>
        {onCancel && (
          <button type="button" className="button button-quiet" onClick={onCancel}>
            {cancel}
          </button>
        )}
      </div>
    </form>
  );
}

type FieldProps = {
  form: FormState;
  name: string;
  /** Where the server's faults point to; `/body/NAME` unless told otherwise. */
  pointer?: string;
  label: string;
  hint?: ReactNode;
  type?: 'text' | 'number' | 'datetime-local' | 'email';
  /** Lines, for long texts. */
  lines?: number;
  options?: readonly (readonly [value: string, words: string])[];
  isFirst?: boolean;
  isCode?: boolean;
};

/** A field with its label, its hint, and what the server found wrong with it. */
export function Field({
  form,
  name,
  pointer = `/body/${name}`,
  label,
  hint,
  type = 'text',
  lines,
  options,
  isFirst = false,
  isCode = false,
}: FieldProps) {
  const id = useId();
  const faults = form.faultsOf(pointer);
  const shared = {
    id,
    name,
    value: form.values[name] ?? '',
    onChange: (event: { target: { value: string } }) => form.set(name, event.target.value),
    'aria-invalid': faults.length > 0,
    'aria-describedby': `${id}-hint ${id}-fault`,
    autoFocus: isFirst,
    autoComplete: 'off',
    className: isCode ? 'code' : undefined,
    spellCheck: !isCode,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {options === undefined ? (
        lines === undefined ? (
          <input type={type} {...shared} />
        ) : (
          <textarea rows={lines} {...shared} />
        )
      ) : (
        <select {...shared}>
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
      <p className="sub field-hint" id={`${id}-hint`}>
        {hint}
      </p>
      <div id={`${id}-fault`} className="field-fault">
        {faults.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
    </div>
  );
}

type ChecksProps = {
  form: FormState;
  name: string;
  pointer?: string;
  legend: string;
  hint?: string;
  options: readonly (readonly [string, string])[];
};

/** Any number of a few. The value is what is chosen, by spaces. */
export function Checks({ form, name, pointer = `/body/${name}`, legend, hint, options }: ChecksProps) {
  const chosen = wordsOf(form.values[name]);
  const faults = form.faultsOf(pointer);
  const toggle = (value: string) => form.set(name, (chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]).join(' '));
  return (
    <fieldset className="field checks">
      <legend>{legend}</legend>
      <div className="checks-list">
        {options.map(([value, words]) => (
          <label key={value}>
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} aria-invalid={faults.length > 0} /> {words}
          </label>
        ))}
      </div>
      {hint !== undefined && <p className="sub field-hint">{hint}</p>}
      <div className="field-fault">
        {faults.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
    </fieldset>
  );
}

/** The words of a text, by spaces or commas. */
export const wordsOf = (text: string | undefined): string[] => (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
