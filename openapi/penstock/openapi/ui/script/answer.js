// Shows what came back: status, time, headers, and the body at once or frame by frame as it arrives.

const SHOWN_CHARACTERS_MAX = 1_000_000; // More would make the page slow; curl shows it all.

class Answer {
  #status = new StatusLine();
  #content = h("div", { class: "answer-content" });
  #onJson;

  /** `onJson` gets every JSON value that arrives. */
  constructor(onJson) {
    this.#onJson = onJson;
    this.element = h("section", { class: "answer", "aria-label": "Answer" }, this.#status.element, this.#content);
  }

  /** Sends the request and shows its answer; returns when all of it is here, or when `signal` stopped it. */
  async fill(request, signal) {
    const startedAt = performance.now();
    const elapsed = () => time(performance.now() - startedAt);
    this.#content.replaceChildren();
    this.#status.say("wait", "Sending…");
    try {
      const response = await fetch(request.url, { method: request.method, headers: request.headers, body: request.body, signal, cache: "no-store" });
      const arrived = elapsed();
      this.#content.replaceChildren(headerList(response));
      if (isEventStream(response)) await this.#stream(response, arrived, startedAt);
      else await this.#whole(response, arrived);
    } catch (problem) {
      if (signal.aborted) this.#status.say("stopped", "Stopped", `after ${elapsed()}`);
      else this.#status.say("bad", "No answer", `${location.host} could not be reached, or hung up: ${problem.message}`);
    }
  }

  async #whole(response, arrived) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    const word = statusWord(response.status);
    this.#status.say(word, statusText(response), arrived, size(bytes.length));
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
    const live = () => this.#status.say("live", statusText(response), arrived, `streaming, ${told()}`);
    frames.onShown = live;
    live();
    const ended = (word, ...parts) => {
      frames.onShown = () => {};
      frames.flush();
      this.#status.say(word, ...parts, told(), time(performance.now() - startedAt));
    };
    try {
      await readEvents(response, (frame) => {
        if (isJson(frame.data)) this.#onJson(JSON.parse(frame.data));
        frames.add(frame);
      });
      ended(statusWord(response.status), statusText(response), "ended");
    } catch (problem) {
      if (problem.name === "AbortError") ended("stopped", "Stopped");
      else ended("bad", "Cut off", problem.message);
    }
  }
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
