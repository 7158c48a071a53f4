// What can go wrong, by what a caller does about it.

export class PenstockError extends Error {
  constructor(message, { code = "UNKNOWN", reason = "", details = {}, retryAfterSeconds, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get executionId() {
    return this.details.execution_id;
  }

  get violations() {
    return this.details.violations ?? [];
  }
}

export class Conflict extends PenstockError {}
export class InvalidInput extends PenstockError {}
export class NotEnded extends PenstockError {}
export class NotFound extends PenstockError {}
export class Unauthenticated extends PenstockError {}
export class Unavailable extends PenstockError {}

/** A person has to decide first. */
export class Paused extends NotEnded {}

export class RunFailed extends PenstockError {
  get kind() {
    return this.details.kind;
  }

  get node() {
    return this.details.node;
  }
}

// Spelled out, because a bundler may rename the classes.
for (const [name, { prototype }] of Object.entries({
  PenstockError,
  Conflict,
  InvalidInput,
  NotEnded,
  NotFound,
  Paused,
  RunFailed,
  Unauthenticated,
  Unavailable,
})) {
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
}

const KINDS = new Map([
  ["INVALID_ARGUMENT", InvalidInput],
  ["OUT_OF_RANGE", InvalidInput],
  ["NOT_FOUND", NotFound],
  ["ALREADY_EXISTS", Conflict],
  ["FAILED_PRECONDITION", Conflict],
  ["ABORTED", Conflict],
  ["UNAUTHENTICATED", Unauthenticated],
  ["UNAVAILABLE", Unavailable],
]);

// For answers of something between here and the server, which knows nothing of codes.
const CODES = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [409, "FAILED_PRECONDITION"],
  [413, "OUT_OF_RANGE"],
  [429, "RESOURCE_EXHAUSTED"],
  [501, "UNIMPLEMENTED"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "UNAVAILABLE"],
]);

/** The error that an error body stands for. */
export function errorOf(body, retryAfterSeconds) {
  const { error: message = "", code = "UNKNOWN", reason = "", details = {} } = body;
  const Kind = KINDS.get(code) ?? PenstockError;
  return new Kind(message, { code, reason, details, retryAfterSeconds });
}

/** The error of an HTTP answer that is none of 2xx. */
export function errorOfAnswer(status, text, retryAfter) {
  const seconds = Number(retryAfter || NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  try {
    const body = JSON.parse(text);
    if (typeof body?.code === "string") return errorOf(body, retryAfterSeconds);
  } catch {
    // Not of the server: the status has to do.
  }
  const code = CODES.get(status) ?? "UNKNOWN";
  return errorOf({ error: `HTTP ${status}: ${text.slice(0, 200)}`, code, reason: `HTTP_${status}` }, retryAfterSeconds);
}

/** The error of a run that ended without an output. `failure` is absent when it was cancelled. */
export function runFailed(executionId, failure) {
  const { code, message, ...facts } = failure ?? { code: "CANCELLED", message: "the execution was cancelled" };
  return new RunFailed(message, { code, reason: code, details: { execution_id: executionId, ...facts } });
}

/** The execution goes on when its pauses are decided. */
export function paused(executionId) {
  return new Paused(`execution ${executionId} is PAUSED and goes on when its pauses are decided`, {
    code: "FAILED_PRECONDITION",
    reason: "PAUSED",
    details: { execution_id: executionId, status: "PAUSED" },
  });
}

/** The caller's time is up; the execution goes on. */
export function notEnded(executionId, status) {
  return new NotEnded(`execution ${executionId} is ${status} and goes on`, {
    code: "DEADLINE_EXCEEDED",
    reason: "NOT_ENDED",
    details: { execution_id: executionId, status },
  });
}

/** No answer, or half of one. */
export function unreachable(url, cause) {
  return new Unavailable(`no answer from ${url}: ${cause?.cause?.message || cause?.message || cause}`, {
    code: "UNAVAILABLE",
    reason: "UNREACHABLE",
    cause,
  });
}

/** Whether the same request, sent again, may be answered. */
export function isPassing(error) {
  if (error instanceof Unavailable) return true;
  if (!(error instanceof PenstockError) || error.code !== "RESOURCE_EXHAUSTED") return false;
  // Too many requests pass; a message that is too large stays so, and a budget that is used up for hours.
  return !error.reason.endsWith("_TOO_LARGE") && error.reason !== "BUDGET_EXCEEDED";
}
