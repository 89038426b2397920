import { useId, useState } from 'react';
import type { DragEvent, ReactNode } from 'react';

const mostBytes = 32 * 1024 * 1024;

/** Takes a file that is dropped on it, or chosen. */
export function Drop({ onText, children }: { onText: (text: string) => void; children: ReactNode }) {
  const [isOver, setOver] = useState(false);
  const [said, setSaid] = useState('');
  const id = useId();
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > mostBytes) return setSaid(`${file.name} is larger than 32 MB.`);
    onText(await file.text());
    setSaid(`Read ${file.name}.`);
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className={isOver ? 'drop drop-over' : 'drop'} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={dropped}>
      {children}
      <p className="drop-file">
        <label htmlFor={id}>Or from a file: </label>
        <input id={id} type="file" accept=".json,.yaml,.yml" onChange={(event) => void take(event.target.files?.[0])} />{' '}
        <span role="status" className="sub">
          {said}
        </span>
      </p>
    </div>
  );
}
