/** The largest file that an argument of a tool may stand for, in bytes. As base64 it fits into the largest message that is read. */
export const maxFileBytes = 3_000_000;
/** How the bound is told to a model. */
export const maxFileText = '3 MB';
