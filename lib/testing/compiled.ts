/** Where Node.js keeps what it compiled, for the environment of a program that a test starts: a start takes half as long then. */
export function compiled(): { NODE_COMPILE_CACHE?: string } {
  const { NODE_COMPILE_CACHE: folder } = process.env;
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
