import { useRef, useState } from 'react';
import { ApiFault, isOutdated, messageOf } from '../fault.ts';
import { draftIn, draftOf } from './draft.ts';
import type { FormValues } from './draft.ts';

export type { FormValues };
export type FormState = {
  values: FormValues;
  set: (name: string, value: string) => void;
  /** What the server found wrong with this field. */
  faultsOf: (pointer: string) => string[];
  /** What it found wrong that belongs to no field of the form. */
  rest: string[];
  isBusy: boolean;
  /** Another state by now: somebody changed it meanwhile. */
  isConflict: boolean;
  /** It is made once a second person says yes. */
  isWaiting: boolean;
  submit: () => Promise<void>;
  isChanged: boolean;
};
type FormOptions = {
  /** Under which what is typed is kept in this tab until it is saved or what it began from is another, so that leaving the page loses nothing. Absent for what holds a secret. */
  draft?: string;
  start: FormValues;
  /** The pointers of the fields, as the server's faults name them. */
  pointers: readonly string[];
  save: (values: FormValues) => Promise<void>;
};

/** One way for every form: what is typed is kept, and every fault of the server stands at its field. */
export function useForm({ draft, start, pointers, save }: FormOptions): FormState {
  const kept = draft === undefined ? undefined : `stoa-draft-${draft}`;
  const [values, setValues] = useState<FormValues>(() => draftIn(kept === undefined ? null : sessionStorage.getItem(kept), start));
  const [fault, setFault] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const isSending = useRef(false);
  const errors = fault instanceof ApiFault ? fault.errors : [];
  const isAt = (pointer: string) => (error: { pointer: string }) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`);
  const others = errors.filter((error) => !pointers.some((pointer) => isAt(pointer)(error))).map((error) => `${error.pointer} ${error.message}`);
  const isConflict = isOutdated(fault);
  const isGeneral = fault !== undefined && errors.length === 0;
  const isChanged = Object.keys(start).some((name) => values[name] !== start[name]);
  return {
    values,
    isBusy,
    isConflict,
    isWaiting: fault instanceof ApiFault && fault.status === 202,
    isChanged,
    set(name, value) {
      const next = { ...values, [name]: value };
      setValues(next);
      if (kept !== undefined) sessionStorage.setItem(kept, draftOf(start, next));
    },
    faultsOf: (pointer) => errors.filter(isAt(pointer)).map(({ message }) => message),
    rest: isConflict ? [] : isGeneral ? [messageOf(fault)] : others,
    async submit() {
      if (isSending.current) return;
      isSending.current = true;
      setBusy(true);
      setFault(undefined);
      try {
        await save(values);
        if (kept !== undefined) sessionStorage.removeItem(kept);
      } catch (error) {
        setFault(error);
      } finally {
        isSending.current = false;
        setBusy(false);
      }
    },
  };
}
