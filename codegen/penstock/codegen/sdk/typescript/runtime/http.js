// Requests that are safe to repeat, repeated until there is an answer.

import { errorOfAnswer, isPassing, unreachable } from "./errors.js";
import { readEvents } from "./events.js";
import { write } from "./json.js";

const ATTEMPTS = 8; // With the pauses between them about 10 s: a server that starts again is back by then.
const PAUSE_SECONDS_FIRST = 0.1;
const PAUSE_SECONDS_MAX = 5;
const PAUSE_SECONDS_ASKED_MAX = 30; // What a server may ask for.
const ANSWER_SECONDS_MAX = 30;
const SILENCE_SECONDS_MAX = 60; // In a stream the server says something every 15 s.

export class Http {
  #url;
  #apiKey;
  #fetch;
  #attempts;

  constructor({ url, apiKey, fetch = globalThis.fetch, attempts = ATTEMPTS } = {}) {
    if (!URL.canParse(url)) throw new TypeError(`url: expected that of the server, got ${url}`);
    if (typeof apiKey !== "string" || apiKey === "") throw new TypeError("apiKey: expected a key, got nothing");
    this.#url = url.replace(/\/+$/, "");
    this.#apiKey = apiKey;
    this.#attempts = attempts;
    // Browsers want fetch called on the window.
    this.#fetch = fetch === globalThis.fetch ? (...request) => globalThis.fetch(...request) : fetch;
  }

  /** For one thing that is worth several. */
  attempts({ signal, clock }) {
    return new Attempts(this.#attempts, signal, clock);
  }

  /**
   * The JSON of the answer. `waitSeconds` is how long the server may take before it says anything; when `clock` is up
   * there are no more attempts.
   */
  async json(method, path, options) {
    const attempts = this.attempts(options);
    for (;;) {
      try {
        return await this.once(method, path, options);
      } catch (error) {
        await attempts.failed(error);
      }
    }
  }

  /** As `json`, sent a single time. */
  async once(method, path, { body, signal, waitSeconds = 0 }) {
    const line = new Line(signal, waitSeconds + ANSWER_SECONDS_MAX);
    try {
      const answer = await this.#send(method, path, body, {}, line);
      return await heardOut(this.#url, () => answer.json());
    } finally {
      line.end();
    }
  }

  /** The events of one answer. Ends, or throws Unavailable, when the connection does; the caller resumes. */
  async *events(method, path, { body, lastEventId, signal }) {
    const line = new Line(signal, SILENCE_SECONDS_MAX);
    try {
      const headers = lastEventId ? { "Last-Event-ID": lastEventId } : {};
      const answer = await this.#send(method, path, body, { Accept: "text/event-stream", ...headers }, line);
      const events = readEvents(answer.body, () => line.heard());
      try {
        for (;;) {
          const { done, value } = await heardOut(this.#url, () => events.next());
          if (done) return;
          line.pause(); // While the reader is busy nobody listens.
          yield value;
          line.heard();
        }
      } finally {
        await events.return();
      }
    } finally {
      line.end();
    }
  }

  async #send(method, path, body, headers, line) {
    const request = {
      method,
      headers: { Authorization: `Bearer ${this.#apiKey}`, ...headers },
      signal: line.signal,
      cache: "no-store",
    };
    if (body !== undefined) {
      request.headers["Content-Type"] = "application/json";
      request.body = write(body);
    }
    const answer = await heardOut(this.#url, () => this.#fetch(this.#url + path, request));
    if (answer.ok) return answer;
    const text = await heardOut(this.#url, () => answer.text());
    throw errorOfAnswer(answer.status, text, answer.headers.get("Retry-After"));
  }
}

/** Counts the attempts at one thing. */
class Attempts {
  #signal;
  #most;
  #clock;
  #count = 0;

  constructor(most, signal, clock) {
    this.#most = most;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** There is progress: what fails from now on is counted anew. */
  succeeded() {
    this.#count = 0;
  }

  /** Returns when it is time for the next attempt. Throws `error` when there is no point in one. */
  async failed(error) {
    this.#signal?.throwIfAborted();
    this.#count += 1;
    if (!isPassing(error) || this.#count >= this.#most) throw error;
    const longest = Math.min(PAUSE_SECONDS_FIRST * 2 ** (this.#count - 1), PAUSE_SECONDS_MAX);
    const asked = Math.min(error.retryAfterSeconds ?? 0, PAUSE_SECONDS_ASKED_MAX);
    const seconds = Math.max(asked, longest * (0.5 + Math.random() / 2));
    if (this.#clock?.left() < seconds) throw error;
    await pause(seconds, this.#signal);
  }
}

/** What the network does is Unavailable, whatever fetch calls it. */
async function heardOut(url, receive) {
  try {
    return await receive();
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

/** Cut off with the caller, or after a silence: a connection may die without a word. */
class Line {
  #controller = new AbortController();
  #caller;
  #silenceSeconds;
  #timer;
  #leave = () => this.#controller.abort(this.#caller.reason);

  constructor(caller, silenceSeconds) {
    this.#caller = caller;
    this.#silenceSeconds = silenceSeconds;
    caller?.addEventListener("abort", this.#leave);
    if (caller?.aborted) this.#leave();
    this.heard();
  }

  get signal() {
    return this.#controller.signal;
  }

  heard() {
    this.pause();
    const silence = new Error(`nothing came for ${this.#silenceSeconds} s`);
    this.#timer = setTimeout(() => this.#controller.abort(silence), this.#silenceSeconds * 1000);
  }

  pause() {
    clearTimeout(this.#timer);
  }

  end() {
    this.pause();
    this.#caller?.removeEventListener("abort", this.#leave);
  }
}

/** Waits. Throws the reason of `signal` when that comes first. */
export function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", leave);
      resolve();
    }, seconds * 1000);
    signal?.addEventListener("abort", leave);
  });
}
