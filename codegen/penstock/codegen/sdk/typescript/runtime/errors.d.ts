/** What can go wrong. Branch on the class, or on `code` and `reason`; never on the text. */
export declare class PenstockError extends Error {
  /** The gRPC code, for example "INVALID_ARGUMENT"; of RunFailed the failure's own. */
  readonly code: string;
  /** A stable word in upper case, for example "UNKNOWN_FIELD". */
  readonly reason: string;
  /** The facts. */
  readonly details: { readonly [name: string]: unknown };
  /** The execution that it is about, where there is one. */
  readonly executionId: string | undefined;
  /** Each thing that is wrong with the request. */
  readonly violations: readonly Violation[];
}

/** One thing that is wrong with a request. */
export interface Violation {
  /** Its path, for example "input.lines[0].quantity". */
  field: string;
  description: string;
}

/** The state does not allow it, or the request id was used for another request. */
export declare class Conflict extends PenstockError {}

/** The request does not fit; `violations` names what. */
export declare class InvalidInput extends PenstockError {}

/** The time that you gave is up. The execution goes on: `client.wait(error.executionId)`. */
export declare class NotEnded extends PenstockError {
  readonly executionId: string;
}

/** The execution waits for a person: `client.wait(error.executionId, { throughPauses: true })` waits too. */
export declare class Paused extends NotEnded {}

/** There is no such execution or artifact in the account. */
export declare class NotFound extends PenstockError {}

/** No key, or a wrong one. */
export declare class Unauthenticated extends PenstockError {}

/** The server cannot be reached, or cannot answer now. It was tried several times. */
export declare class Unavailable extends PenstockError {}

/** The run failed or was cancelled. `code` is that of the failure, for example "NODE_RAISED". */
export declare class RunFailed extends PenstockError {
  readonly executionId: string;
  /** Who has to act. Absent when it was cancelled. */
  readonly kind: "USER" | "SYSTEM" | undefined;
  /** The node that failed, where one did. */
  readonly node: string | undefined;
}
