// A flow as seen from its callers.

import { Conflict, errorOf, notEnded, runFailed, unreachable } from "./errors.js";
import { Http } from "./http.js";
import { readFloats } from "./json.js";

const SLICE_SECONDS = 30; // One wait is made of short ones, so that nothing in between cuts it off.
const STREAM_SECONDS = 3600; // The longest that the server allows.
const INVOCATIONS = "/invocations/v1/flows/invoke";

/** `artifact` is { graphId, isPipeline, output, floats }; the last two are for readFloats. */
export class FlowClient {
  #artifact;
  #http;

  constructor(options, artifact) {
    this.#artifact = artifact;
    this.#http = new Http(options);
  }

  async invoke(input, { timeoutSeconds, ...options } = {}) {
    const clock = new Clock(timeoutSeconds);
    const waitSeconds = clock.slice();
    const body = this.#request(input, options, { wait: true, timeout_seconds: waitSeconds });
    const { signal } = options;
    const answer = await this.#http.json("POST", INVOCATIONS, { body, signal, waitSeconds, clock });
    const { execution_id: id, result, status } = answer;
    if (result?.success) return this.#output(result.output);
    if (result) throw runFailed(id, result.error);
    if (clock.isUp()) throw notEnded(id, status);
    return this.wait(id, { signal, timeoutSeconds: clock.left() });
  }

  async start(input, options = {}) {
    if (this.#artifact.isPipeline) return { executionId: await this.#startPipeline(input, options) };
    const body = this.#request(input, options);
    const answer = await this.#http.json("POST", INVOCATIONS, { body, signal: options.signal });
    return { executionId: answer.execution_id };
  }

  async *stream(input, options = {}) {
    const body = this.#request(input, options, { timeout_seconds: STREAM_SECONDS });
    yield* this.#frames(new Place(body), options.signal);
  }

  async *resume(executionId, { signal } = {}) {
    yield* this.#frames(new Place(undefined, executionId), signal);
  }

  async wait(executionId, { signal, timeoutSeconds } = {}) {
    const clock = new Clock(timeoutSeconds);
    for (;;) {
      const waitSeconds = clock.slice();
      const path = `${pathOf(executionId)}:wait?timeout_seconds=${waitSeconds}`;
      const { status, complete_time: end } = await this.#http.json("GET", path, { signal, waitSeconds, clock });
      if (end !== undefined) break;
      if (clock.isUp()) throw notEnded(executionId, status);
    }
    const answer = await this.#http.json("GET", `${pathOf(executionId)}/output`, { signal });
    if (answer.status !== "COMPLETED") throw runFailed(executionId, answer.error);
    return this.#artifact.isPipeline ? null : this.#output(answer.output);
  }

  async cancel(executionId, reason = "", { signal } = {}) {
    const query = reason ? `?reason=${encodeURIComponent(reason)}` : "";
    const path = `/invocations/v1/flows/${encodeURIComponent(executionId)}${query}`;
    const attempts = this.#http.attempts({ signal });
    for (let isFirst = true; ; isFirst = false) {
      try {
        await this.#http.once("DELETE", path, { signal });
        return;
      } catch (error) {
        // The attempt before did it, and its answer was lost.
        if (!isFirst && error instanceof Conflict && error.details.status === "CANCELLED") return;
        await attempts.failed(error);
      }
    }
  }

  /** An invocation with a request id, which makes it safe to repeat. */
  #request(input, { requestId = newRequestId(), labels }, more) {
    return { graph_id: this.#artifact.graphId, input, request_id: requestId, labels, ...more };
  }

  #output(output) {
    return readFloats(output ?? {}, this.#artifact.output, this.#artifact.floats);
  }

  /** The payloads from `place` on, over as many connections as it takes. */
  async *#frames(place, signal) {
    const attempts = this.#http.attempts({ signal });
    connections: for (;;) {
      try {
        for await (const event of this.#open(place, signal)) {
          attempts.succeeded();
          if (event.name === "error") throw errorOf(JSON.parse(event.data));
          if (event.name !== "message") {
            place.lastEventId = event.id;
            continue;
          }
          const frame = JSON.parse(event.data);
          place.executionId = frame.execution_id;
          // The server repeats the id when no event is behind a frame: it has waited long enough.
          if (frame.is_final && event.id === place.lastEventId) continue connections;
          if (frame.is_final && frame.success) return;
          if (frame.is_final) throw await this.#failure(frame, signal);
          place.lastEventId = event.id;
          if (frame.frame_index < place.frameIndex) continue;
          place.frameIndex = frame.frame_index + 1;
          yield this.#output(frame.payload);
        }
        throw unreachable("the stream", "it ended before its last frame");
      } catch (error) {
        await attempts.failed(error);
      }
    }
  }

  #open({ body, executionId, lastEventId }, signal) {
    if (executionId === undefined) return this.#http.events("POST", `${INVOCATIONS}/stream`, { body, signal });
    return this.#http.events("GET", `${pathOf(executionId)}/stream`, { lastEventId, signal });
  }

  /** What a frame tells in one sentence, with all that is known. */
  async #failure({ execution_id: executionId, error: message }, signal) {
    const { error } = await this.#http.json("GET", `${pathOf(executionId)}/output`, { signal });
    return runFailed(executionId, error ?? { code: "CANCELLED", message });
  }

  /** The id comes with the first frame: of the output, or of the time that is up at once. */
  async #startPipeline(input, options) {
    const { signal } = options;
    const body = this.#request(input, options, { timeout_seconds: 0.001 });
    const attempts = this.#http.attempts({ signal });
    for (;;) {
      try {
        for await (const event of this.#open(new Place(body), signal)) {
          if (event.name === "error") throw errorOf(JSON.parse(event.data));
          return JSON.parse(event.data).execution_id;
        }
        throw unreachable("the stream", "it ended before its last frame");
      } catch (error) {
        await attempts.failed(error);
      }
    }
  }
}

/** Where the reader of a stream is. `body` begins one that has no execution yet. */
class Place {
  lastEventId = "0";
  frameIndex = 0;

  constructor(body, executionId) {
    this.body = body;
    this.executionId = executionId;
  }
}

/** What is left of the time that a caller gives; undefined is for ever. */
class Clock {
  #end;

  constructor(seconds) {
    if (seconds !== undefined && !(seconds > 0)) {
      throw new TypeError(`timeoutSeconds: expected more than 0, got ${seconds}`);
    }
    this.#end = seconds === undefined ? Infinity : performance.now() + seconds * 1000;
  }

  left() {
    return this.#end === Infinity ? undefined : Math.max((this.#end - performance.now()) / 1000, 0.001);
  }

  slice() {
    return Math.min(this.left() ?? SLICE_SECONDS, SLICE_SECONDS);
  }

  isUp() {
    return performance.now() >= this.#end;
  }
}

function pathOf(executionId) {
  return `/invocations/v1/executions/${encodeURIComponent(executionId)}`;
}

/** Not crypto.randomUUID, which browsers keep from pages that came without TLS. */
function newRequestId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
