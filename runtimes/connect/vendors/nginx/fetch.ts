import type { ManagedObject } from '../../engine/model.ts';
import { fileOf, generationIn, objectsIn, render } from './document.ts';
import type { NginxFrame } from './document.ts';
import { isServed, meanwhile } from './served.ts';
import type { Pace } from './served.ts';
import type { NginxTools } from './tools.ts';

/** What an nginx has of ours: the file, and what it runs. */
export type NginxObserved = {
  readonly version: string;
  readonly text: string | undefined;
  readonly objects: ReadonlyMap<string, ManagedObject>;
  /** The file is not what is made of the objects that it says. */
  readonly isAltered: boolean;
  /** What answers is not what lies there: nginx was not reloaded, or refused it. */
  readonly isUnserved: boolean;
};

export async function fetchNginx(tools: NginxTools, frame: NginxFrame, signal: AbortSignal, pace: Pace = meanwhile): Promise<NginxObserved> {
  const [version, text] = await Promise.all([tools.version(), tools.read(fileOf(frame.gatewayId))]);
  const objects = text === undefined ? [] : objectsIn(text);
  return {
    version,
    text,
    objects: new Map(objects.map((object) => [object.id, object])),
    isAltered: text !== undefined && isAltered(text, objects, frame),
    isUnserved: !(await isServed(tools, text === undefined ? undefined : generationIn(text), pace, signal)),
  };
}

function isAltered(text: string, objects: readonly ManagedObject[], frame: NginxFrame): boolean {
  try {
    return render(objects, frame) !== text;
  } catch {
    // Somebody wrote an object into it that cannot stand in a file of nginx.
    return true;
  }
}
