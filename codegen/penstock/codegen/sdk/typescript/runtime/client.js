// A flow as seen from its callers.

import { Conflict, errorOf, notEnded, paused, runFailed, unreachable } from "./errors.js";
import { Http, pause as sleep } from "./http.js";
import { readFloats } from "./json.js";

const SLICE_SECONDS = 30; // One wait is made of short ones, so that nothing in between cuts it off.
const STREAM_SECONDS = 3600; // The longest that the server allows.
const LOOK_SECONDS = 0.5; // Between two looks at a run that is paused: the server does not wait for people.
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
    if (status === "PAUSED") throw paused(id);
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
    yield* this.#counting(this.#begin(input, options));
  }

  async *streamFrames(input, options = {}) {
    yield* this.#shown(this.#begin(input, options));
  }

  async *resume(executionId, { signal } = {}) {
    yield* this.#counting(this.#frames(new Place(undefined, executionId), signal));
  }

  async *resumeFrames(executionId, { signal } = {}) {
    yield* this.#shown(this.#frames(new Place(undefined, executionId), signal));
  }

  async wait(executionId, { signal, timeoutSeconds, throughPauses = false } = {}) {
    const clock = new Clock(timeoutSeconds);
    for (;;) {
      const waitSeconds = clock.slice();
      const path = `${pathOf(executionId)}:wait?timeout_seconds=${waitSeconds}`;
      const { status, complete_time: end } = await this.#http.json("GET", path, { signal, waitSeconds, clock });
      if (end !== undefined) break;
      if (status === "PAUSED" && !throughPauses) throw paused(executionId);
      if (clock.isUp()) throw notEnded(executionId, status);
      if (status === "PAUSED") await sleep(Math.min(LOOK_SECONDS, clock.left() ?? LOOK_SECONDS), signal);
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

  async pauses(executionId, { signal } = {}) {
    const found = [];
    for (let token = ""; ; ) {
      const query = token ? `?page_token=${encodeURIComponent(token)}` : "";
      const page = await this.#http.json("GET", `${pathOf(executionId)}/pauses${query}`, { signal });
      found.push(...(page.pauses ?? []));
      token = page.next_page_token;
      if (!token) return found;
    }
  }

  approve(executionId, pause, options = {}) {
    return this.#decide(executionId, pause, "approve", "APPROVED", options);
  }

  reject(executionId, pause, { comment, signal } = {}) {
    return this.#decide(executionId, pause, "reject", "REJECTED", { comment, signal });
  }

  resumeWith(executionId, pause, value, options = {}) {
    return this.#decide(executionId, pause, "resume", "RESUMED", { ...options, value });
  }

  async signal(executionId, name, payload, { requestId = newRequestId(), signal } = {}) {
    const path = `${pathOf(executionId)}/signals/${encodeURIComponent(name)}?request_id=${encodeURIComponent(requestId)}`;
    const { sequence } = await this.#http.json("POST", path, { body: payload, signal });
    return sequence;
  }

  async #decide(executionId, pause, verb, state, { comment, value, signal }) {
    const path = `${pathOf(executionId)}/pauses/${encodeURIComponent(pause)}`;
    const attempts = this.#http.attempts({ signal });
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await this.#http.once("POST", `${path}:${verb}`, { body: { comment, value }, signal });
      } catch (error) {
        // The attempt before may have done it, and its answer was lost.
        if (!isFirst && error instanceof Conflict && error.details.decision === state) {
          const standing = await this.#http.json("GET", path, { signal });
          if ((standing.comment ?? "") === (comment ?? "")) return standing;
        }
        await attempts.failed(error);
      }
    }
  }

  /** An invocation with a request id, which makes it safe to repeat. */
  #request(input, { requestId = newRequestId(), labels, webhook, configId, overwriteCache }, more) {
    return {
      graph_id: this.#artifact.graphId,
      input,
      request_id: requestId,
      labels,
      webhook,
      config_id: configId,
      overwrite_cache: overwriteCache,
      ...more,
    };
  }

  #begin(input, options) {
    const body = this.#request(input, options, { timeout_seconds: STREAM_SECONDS });
    return this.#frames(new Place(body), options.signal);
  }

  /** The outputs that count: a provisional one waits until it can no longer be taken back. */
  async *#counting(frames) {
    let held = [];
    for await (const frame of frames) {
      if (frame.rollback_to !== undefined) held = held.filter((each) => each.frame_index < frame.rollback_to);
      else if (!frame.is_final) held.push(frame);
      if (frame.provisional || frame.rollback_to !== undefined) continue;
      for (const each of held) yield this.#output(each.payload);
      held = [];
    }
  }

  /** All that comes, at once. */
  async *#shown(frames) {
    for await (const { frame_index: index, payload, provisional = false, is_final: isFinal, rollback_to: to } of frames) {
      if (to !== undefined) yield { rollbackTo: to };
      else if (!isFinal) yield { index, output: this.#output(payload), isProvisional: provisional };
    }
  }

  #output(output) {
    return readFloats(output ?? {}, this.#artifact.output, this.#artifact.floats);
  }

  /** The frames from `place` on, the last one too, over as many connections as it takes. */
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
          place.lastEventId = event.id;
          if (frame.is_final) {
            yield frame;
            if (frame.success) return;
            throw await this.#failure(frame, signal);
          }
          if (frame.rollback_to !== undefined) place.frameIndex = frame.rollback_to;
          else if (frame.frame_index < place.frameIndex) continue;
          else place.frameIndex = frame.frame_index + 1;
          yield frame;
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
