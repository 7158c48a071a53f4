// Shows what came of a call: the output, the frames as they come, or what went wrong.

const STATUS_WORDS = { RUNNING: ["live", "Still running"], PAUSED: ["stopped", "Paused"] };

class Outcome {
  #status = new StatusLine();
  #content = h("div", { class: "answer-content" });
  #onExecution;
  #onPaused;
  #frames = null;
  #isFinal = false;
  #startedAt = 0;

  /** `onExecution` gets the id of an execution when it is known, `onPaused` that of one that waits for a person. */
  constructor(onExecution, onPaused) {
    this.#onExecution = onExecution;
    this.#onPaused = onPaused;
    this.element = h("section", { class: "answer", "aria-label": "Answer" }, this.#status.element, this.#content);
  }

  begin() {
    this.#startedAt = performance.now();
    this.#frames = null;
    this.#isFinal = false;
    this.#content.replaceChildren();
    this.#status.say("wait", "Running…");
  }

  /** The answer of an invocation. */
  invoked({ execution_id: executionId, result, status }) {
    this.#known(executionId);
    if (!result) {
      const [word, text] = STATUS_WORDS[status] ?? ["ok", "Accepted"];
      this.#status.say(word, text, this.#elapsed());
      if (status === "PAUSED") this.#onPaused(executionId);
    } else if (result.success) {
      const text = JSON.stringify(result.output);
      this.#status.say("ok", "Completed", this.#elapsed());
      this.#content.append(
        h("div", { class: "toolbar" }, h("h3", {}, "Output"), copyButton("the output", () => prettyJson(text))),
        h("pre", { tabindex: "0", role: "region", "aria-label": "Output" }, jsonCode(text)));
    } else this.#failed(result.error);
  }

  /** Adds what a person has to decide. */
  ask(elements) {
    this.#content.append(...elements);
  }

  /** A pause was decided, and the execution goes on. */
  goesOn() {
    this.#status.say("wait", "Running…");
  }

  /** Begins to show frames. */
  streaming() {
    this.#frames = new FrameList(this.#startedAt, frameElement);
    this.#content.append(this.#frames.element);
    this.#frames.onShown = () => this.#status.say("live", "Streaming", counted(this.#frames.count, "frame"));
    this.#frames.onShown();
  }

  /** One event of the stream. */
  frame({ data, id }) {
    const frame = JSON.parse(data);
    this.#known(frame.execution_id);
    this.#isFinal = frame.is_final;
    if (frame.rollback_to !== undefined) this.#frames.takeBack(frame.rollback_to);
    else if (!frame.is_final) this.#frames.add({ data: JSON.stringify(frame.payload), id, number: frame.frame_index });
    else if (frame.success) this.#ended("ok", "Completed");
    else {
      this.#ended("bad", "Failed");
      this.#content.append(h("p", { class: "failure" }, frame.error));
    }
  }

  /** The stream is over, with its last frame or without. */
  closed() {
    if (!this.#isFinal) this.#cutOff("The stream ended before its last frame; the execution may go on.");
  }

  stopped(text) {
    this.#ended("stopped", text);
  }

  /** A request that was not carried out. `violations` are elements about its fields. */
  refused(problem, violations) {
    if (this.#frames) return this.#cutOff(problem.message);
    const isServer = problem instanceof Refused;
    this.#status.say(isServer && problem.status < 500 ? "odd" : "bad", isServer ? `Refused with ${problem.status}` : "No answer", this.#elapsed());
    this.#content.append(violations.length
      ? h("ul", { class: "violations" }, violations)
      : h("p", { class: "failure" }, isServer ? problem.message : `${location.host} could not be reached, or hung up: ${problem.message}`));
  }

  #cutOff(why) {
    this.#ended("bad", "Cut off");
    this.#content.append(h("p", { class: "failure" }, why));
  }

  #ended(word, text) {
    const count = this.#frames && [counted(this.#frames.count, "frame")];
    if (this.#frames) this.#frames.onShown = () => {};
    this.#frames?.flush();
    this.#status.say(word, text, ...(count ?? []), this.#elapsed());
  }

  #failed({ code, message, node, traceback }) {
    this.#status.say("bad", "Failed", this.#elapsed());
    this.#content.append(
      h("p", { class: "failure" }, message),
      h("p", { class: "remark" }, h("code", {}, code), node && [" in node ", h("code", {}, node)]),
      traceback && h("details", {}, h("summary", {}, "Traceback"), h("pre", { tabindex: "0", role: "region", "aria-label": "Traceback" }, traceback)));
  }

  #known(executionId) {
    if (!executionId || this.#content.querySelector(".execution")) return;
    this.#content.prepend(h("p", { class: "execution" }, "Execution ",
      h("a", { href: `/docs#/GetExecution?execution_id=${executionId}` }, h("code", {}, executionId)), " ",
      copyButton("the id of the execution", () => executionId)));
    this.#onExecution(executionId);
  }

  #elapsed() {
    return time(performance.now() - this.#startedAt);
  }
}

function frameElement({ data, id, number, at }) {
  return h("li", { class: "frame" },
    h("p", { class: "frame-head" },
      h("span", { class: "frame-index" }, `#${number}`),
      id && h("span", {}, `id ${id}`),
      h("span", { class: "frame-time" }, `+${time(at)}`)),
    h("pre", {}, jsonCode(data, (text) => compactJson(text, FRAME_LINE_CHARACTERS_MAX))));
}
