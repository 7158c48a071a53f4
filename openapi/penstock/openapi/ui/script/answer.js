// Shows what came back: status, time, headers, and the body at once or frame by frame as it arrives.

const SHOWN_CHARACTERS_MAX = 1_000_000; // More would make the page slow; curl shows it all.
const FRAME_LINE_CHARACTERS_MAX = 360; // About six lines of the list; so several frames are in view at once.
const SHOWN_FRAMES_MAX = 500; // The newest are kept: a stream can go on for hours.

class Answer {
  #status = h("p", { class: "status", role: "status" });
  #content = h("div", { class: "answer-content" });
  #onJson;

  /** `onJson` gets every JSON value that arrives. */
  constructor(onJson) {
    this.#onJson = onJson;
    this.element = h("section", { class: "answer", "aria-label": "Answer" }, this.#status, this.#content);
  }

  /** Sends the request and shows its answer; returns when all of it is here, or when `signal` stopped it. */
  async fill(request, signal) {
    const startedAt = performance.now();
    const elapsed = () => time(performance.now() - startedAt);
    this.#content.replaceChildren();
    this.#say("wait", "Sending…");
    try {
      const response = await fetch(request.url, { method: request.method, headers: request.headers, body: request.body, signal, cache: "no-store" });
      const arrived = elapsed();
      this.#content.replaceChildren(headerList(response));
      if (isEventStream(response)) await this.#stream(response, arrived, startedAt);
      else await this.#whole(response, arrived);
    } catch (problem) {
      if (signal.aborted) this.#say("stopped", "Stopped", `after ${elapsed()}`);
      else this.#say("bad", "No answer", `${location.host} could not be reached, or hung up: ${problem.message}`);
    }
  }

  async #whole(response, arrived) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    const word = statusWord(response.status);
    this.#say(word, statusText(response), arrived, size(bytes.length));
    if (!bytes.length) return;
    const type = response.headers.get("content-type") ?? "";
    if (!/json|text|xml|yaml|javascript/.test(type)) {
      this.#content.append(h("p", { class: "remark" }, `${size(bytes.length)} of ${type || "an unnamed type"}, not shown as text.`));
      return;
    }
    const text = new TextDecoder().decode(bytes);
    if (isJson(text)) this.#onJson(JSON.parse(text));
    const isCut = text.length > SHOWN_CHARACTERS_MAX;
    const block = h("pre", { tabindex: "0", role: "region", "aria-label": "Body" }, isCut ? h("code", {}, text.slice(0, SHOWN_CHARACTERS_MAX)) : jsonCode(text));
    this.#content.append(h("div", { class: "toolbar" }, h("h3", {}, "Body"), copyButton("the body", () => text)), block);
    if (isCut) this.#content.append(h("p", { class: "remark" }, `Only the first ${SHOWN_CHARACTERS_MAX.toLocaleString("en")} characters are shown.`));
  }

  async #stream(response, arrived, startedAt) {
    const frames = new FrameList(startedAt);
    this.#content.append(frames.element);
    const told = () => counted(frames.count, "frame");
    const live = () => this.#say("live", statusText(response), arrived, `streaming, ${told()}`);
    frames.onShown = live;
    live();
    const parser = new EventStreamParser((frame) => {
      if (isJson(frame.data)) this.#onJson(JSON.parse(frame.data));
      frames.add(frame);
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const ended = (word, ...parts) => {
      frames.onShown = () => {};
      frames.flush();
      this.#say(word, ...parts, told(), time(performance.now() - startedAt));
    };
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) parser.push(piece.value);
      ended(statusWord(response.status), statusText(response), "ended");
    } catch (problem) {
      if (problem.name === "AbortError") ended("stopped", "Stopped");
      else ended("bad", "Cut off", problem.message);
    }
  }

  /** `word` sets the colour, the first part stands out. */
  #say(word, first, ...rest) {
    this.#status.dataset.state = word;
    this.#status.replaceChildren(h("strong", {}, first), ...rest.flatMap((part) => [" · ", part]));
  }
}

/** The frames of a stream. They are put on the page once per picture, however fast they come. */
class FrameList {
  count = 0;
  onShown = () => {};
  #startedAt;
  #waiting = [];
  #list = h("ol", { class: "frames", tabindex: "0", "aria-label": "Frames" });
  #dropped = h("p", { class: "remark", hidden: true });

  constructor(startedAt) {
    this.#startedAt = startedAt;
    this.element = h("div", {}, h("h3", {}, "Frames"), this.#dropped, this.#list);
  }

  add(frame) {
    if (!this.#waiting.length) requestAnimationFrame(() => this.flush());
    this.#waiting.push({ ...frame, index: this.count, at: performance.now() - this.#startedAt });
    if (this.#waiting.length > SHOWN_FRAMES_MAX) this.#waiting.shift();
    this.count += 1;
  }

  flush() {
    if (!this.#waiting.length) return;
    const list = this.#list;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 8;
    list.append(...this.#waiting.map(frameItem));
    this.#waiting = [];
    while (list.children.length > SHOWN_FRAMES_MAX) list.firstElementChild.remove();
    const dropped = this.count - list.children.length;
    this.#dropped.hidden = dropped === 0;
    this.#dropped.textContent = `${counted(dropped, "earlier frame")} no longer shown.`;
    if (isAtEnd) list.scrollTop = list.scrollHeight;
    this.onShown();
  }
}

function frameItem({ name, data, id, index, at }) {
  return h("li", { class: "frame" },
    h("p", { class: "frame-head" },
      h("span", { class: "frame-index" }, `#${index}`),
      name !== "message" && h("span", { class: "frame-name" }, name),
      id && h("span", {}, `id ${id}`),
      h("span", { class: "frame-time" }, `+${time(at)}`)),
    h("pre", {}, jsonCode(data, (text) => compactJson(text, FRAME_LINE_CHARACTERS_MAX))));
}

function headerList(response) {
  const headers = [...response.headers];
  return h("details", { class: "headers" },
    h("summary", {}, counted(headers.length, "header")),
    h("dl", {}, headers.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))));
}

function isEventStream(response) {
  return (response.headers.get("content-type") ?? "").startsWith("text/event-stream") && response.body !== null;
}

// HTTP/2 and later send no reason phrase.
const REASONS = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "No content", 400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found",
  409: "Conflict", 413: "Too large", 429: "Too many requests", 499: "Cancelled", 500: "Server error", 501: "Not implemented", 503: "Unavailable", 504: "Timed out",
};

function statusText({ status, statusText: reason }) {
  return `${status} ${reason || REASONS[status] || ""}`.trim();
}

/** Class of a status: ok, odd (the caller's fault) or bad. */
function statusWord(status) {
  if (status < 400) return "ok";
  return status < 500 ? "odd" : "bad";
}

function time(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
