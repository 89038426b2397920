/** The package has no types of its own; these are the parts that we use. */
declare module 'swagger2openapi' {
  type Options = {
    /** Mends what is easily mended instead of failing. */
    patch?: boolean;
    warnOnly?: boolean;
    /** Whether other documents are fetched. */
    resolve?: boolean;
    refSiblings?: 'remove' | 'preserve' | 'allOf';
    /** The document as text, which is made when absent. */
    text?: string;
  };
  const converter: { convertObj(document: object, options: Options): Promise<{ openapi: Record<string, unknown> }> };
  export default converter;
}
