import type { JsonObject } from './json.ts';

/** Which way a value travels: `readOnly` properties are no input, `writeOnly` ones no output. */
export type Direction = 'input' | 'output';
export type Schema = JsonObject | boolean;
/** Finds the schema that a reference names; undefined when it leads nowhere or outside the document. */
export type FindSchema = (reference: string) => Schema | undefined;
