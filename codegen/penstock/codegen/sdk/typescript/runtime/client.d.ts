/** Where the server is, and as whom to call it. */
export interface ClientOptions {
  /** For example "http://127.0.0.1:8080". */
  url: string;
  /** Sent as `Authorization: Bearer …`. */
  apiKey: string;
  /** Instead of the global fetch. */
  fetch?: typeof globalThis.fetch | undefined;
  /** How often to try what fails for want of an answer. Default 8, over about 10 s. */
  attempts?: number | undefined;
}

export interface CallOptions {
  /** Stops the call. The execution goes on. */
  signal?: AbortSignal | undefined;
}

interface TimeOptions extends CallOptions {
  /** Longest wait for the end; the execution goes on after it. Default is until the end. */
  timeoutSeconds?: number | undefined;
}

export interface WaitOptions extends TimeOptions {
  /** Waits for people too, instead of throwing Paused. */
  throughPauses?: boolean | undefined;
}

export interface StartOptions extends CallOptions {
  /** The same id and the same input give the same execution for 24 h. Default is an id of its own for each call. */
  requestId?: string | undefined;
  /** Text to find the execution by. */
  labels?: { [key: string]: string } | undefined;
  /** Where the result is sent when the execution ends. */
  webhook?: { url: string; headers?: { [name: string]: string } | undefined } | undefined;
  /** The config profile to run with. */
  configId?: string | undefined;
  /** Has cached outputs computed anew. */
  overwriteCache?: boolean | undefined;
}

export interface InvokeOptions extends StartOptions, TimeOptions {}

export interface DecisionOptions extends CallOptions {
  /** Why, for whoever reads the log. At most 4,096 bytes. */
  comment?: string | undefined;
}

export interface SignalOptions extends CallOptions {
  /** A signal with the same id is not stored again. Default is an id of its own for each call. */
  requestId?: string | undefined;
}

/** A pause that an execution came to, as the server has it. */
export interface Pause {
  execution_id: string;
  /** Name of the node that is the pause. */
  pause: string;
  state: "OPEN" | "APPROVED" | "REJECTED" | "RESUMED" | "EXPIRED" | "CANCELLED";
  /** What a person is asked. */
  prompt: string;
  /** What is to be decided on, as JSON. */
  input?: unknown;
  /** Full name of the message that a person may give. */
  value_type: string;
  /** Whether one has to be given. */
  needs_value: boolean;
  /** Name and id of the key of whoever decided. Empty while it is open, and when its timeout decided. */
  decided_by: string;
  comment: string;
  /** What the execution goes on with, as JSON. */
  value?: unknown;
}

/** An output with its place. A provisional one may still be taken back. */
export interface StreamFrame<Output> {
  index: number;
  output: Output;
  isProvisional: boolean;
  rollbackTo?: undefined;
}

/** The frames from that place on do not count: their attempt failed and is made again. Others take their places. */
export interface Rollback {
  rollbackTo: number;
}

/** What was started. */
export interface Started {
  executionId: string;
}

/** What the client of every flow can do. What fails throws a PenstockError. */
export declare abstract class FlowClient<Input, Output, Result> {
  constructor(options: ClientOptions);

  /** Starts an execution. Returns when it is durable. */
  start(input: Input, options?: StartOptions): Promise<Started>;

  /**
   * Starts an execution and gives its outputs as they come, each once, also over lost connections and a server that
   * starts again. One that is provisional comes when it can no longer be taken back. Leaving the loop stops the
   * reading; the execution goes on.
   */
  stream(input: Input, options?: StartOptions): AsyncGenerator<Output, void, undefined>;

  /** As `stream`, all at once: provisional outputs too, and word of those that are taken back. */
  streamFrames(input: Input, options?: StartOptions): AsyncGenerator<StreamFrame<Output> | Rollback, void, undefined>;

  /** The outputs of an execution from its first on, also after its end. */
  resume(executionId: string, options?: CallOptions): AsyncGenerator<Output, void, undefined>;

  /** As `resume`, all at once. */
  resumeFrames(
    executionId: string,
    options?: CallOptions,
  ): AsyncGenerator<StreamFrame<Output> | Rollback, void, undefined>;

  /** Waits for the end of an execution. Throws RunFailed when it did not complete, Paused when it waits for a person. */
  wait(executionId: string, options?: WaitOptions): Promise<Result>;

  /** Stops an execution. Throws Conflict when it has ended. */
  cancel(executionId: string, reason?: string, options?: CallOptions): Promise<void>;
}
