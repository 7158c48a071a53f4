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

export interface WaitOptions extends CallOptions {
  /** Longest wait for the end; the execution goes on after it. Default is until the end. */
  timeoutSeconds?: number | undefined;
}

export interface StartOptions extends CallOptions {
  /** The same id and the same input give the same execution for 24 h. Default is an id of its own for each call. */
  requestId?: string | undefined;
  /** Text to find the execution by. */
  labels?: { [key: string]: string } | undefined;
}

export interface InvokeOptions extends StartOptions, WaitOptions {}

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
   * starts again. Leaving the loop stops the reading; the execution goes on.
   */
  stream(input: Input, options?: StartOptions): AsyncGenerator<Output, void, undefined>;

  /** The outputs of an execution from its first on, also after its end. */
  resume(executionId: string, options?: CallOptions): AsyncGenerator<Output, void, undefined>;

  /** Waits for the end of an execution. Throws RunFailed when it did not complete. */
  wait(executionId: string, options?: WaitOptions): Promise<Result>;

  /** Stops an execution. Throws Conflict when it has ended. */
  cancel(executionId: string, reason?: string, options?: CallOptions): Promise<void>;
}
