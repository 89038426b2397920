/** An API that cannot be served; the message is a sentence for its acknowledgement. */
export class ApiRejection extends Error {}
