// The form that runs the artifact, its outcome, and the same call as code.

class Run {
  #calls;
  #graph;
  #ways;
  #way;
  #running = null; // What aborts the call, while it is under way.
  #executionId = null;
  #isTouched = false;
  #outcome = new Outcome((executionId) => { this.#executionId = executionId; }, (executionId) => this.#askPerson(executionId));
  #note = h("p", { class: "problem", id: "input-note", role: "status" });
  #meaning = h("p", { class: "remark" });
  #send = h("button", { type: "submit", class: "primary" }, "Run");
  #stop = h("button", { type: "button", hidden: true, click: () => this.#running?.abort() }, "Stop");
  #input = h("textarea", {
    id: "input", rows: "8", spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-describedby": "input-note", "aria-keyshortcuts": "Control+Enter",
    keydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send.form.requestSubmit(); },
  });
  #sensitive = new SensitiveTexts();
  #recipes;

  constructor(artifact, asked, graph) {
    this.#calls = new Calls(artifact, asked);
    this.#graph = graph;
    this.#ways = waysToCall(artifact);
    this.#way = this.#ways[0];
    this.#input.value = "{}";
    this.#recipes = new Recipes(this.#calls.recipes(() => ({ way: this.#way, input: this.#input.value })));
    this.code = this.#recipes.element;
    this.elements = [h("div", { class: "try-it" }, this.#form(), this.#outcome.element)];
    apiKey.onChange(() => this.#recipes.update());
    this.#changed();
  }

  /** Fills the editor, unless somebody typed into it already. What is sensitive has boxes of its own. */
  offer(value, sensitive) {
    this.#sensitive.show(sensitive);
    if (this.#isTouched) return;
    this.#input.value = prettyJson(JSON.stringify(this.#sensitive.without(value)));
    this.#changed();
  }

  #form() {
    return h("form", { submit: (event) => { event.preventDefault(); this.#run(); }, input: () => { this.#isTouched = true; this.#changed(); } },
      this.#ways.length > 1 && this.#wayPicker(),
      h("div", { class: "row" },
        h("div", { class: "toolbar" },
          h("label", { for: "input" }, "Input", h("span", { class: "field-type" }, "JSON")),
          h("button", { type: "button", class: "quiet", click: () => { if (isJson(this.#input.value)) this.#input.value = prettyJson(this.#input.value); } }, "Format")),
        this.#input, this.#note),
      this.#sensitive.element,
      h("div", { class: "actions" }, this.#send, this.#stop, h("span", { class: "key-note" }, "Ctrl + Enter runs it")));
  }

  #wayPicker() {
    const options = this.#ways.map((way) => h("label", {},
      h("input", { type: "radio", name: "way", value: way, checked: way === this.#way, autocomplete: "off", change: () => { this.#way = way; this.#changed(); } }),
      ` ${WAYS[way].name}`));
    return h("fieldset", { class: "ways" }, h("legend", { class: "unseen" }, "How to call it"), options, this.#meaning);
  }

  #changed() {
    const problem = inputProblem(this.#input.value);
    this.#note.replaceChildren(problem ?? "");
    this.#input.setAttribute("aria-invalid", String(problem !== null));
    this.#meaning.textContent = WAYS[this.#way].says;
    this.#recipes.update();
  }

  async #run() {
    if (inputProblem(this.#input.value)) return this.#input.focus();
    if (this.#running) this.#leave();
    const running = new AbortController();
    this.#running = running;
    this.#executionId = null;
    this.#stop.hidden = false;
    this.#graph.mark(new Map());
    this.#outcome.begin();
    try {
      await this.#call(this.#way, running);
    } catch (problem) {
      if (this.#running !== running) return;
      if (running.signal.aborted) {
        const came = await this.#cancelled();
        if (this.#running !== running) return;
        this.#outcome.stopped(came);
      } else this.#outcome.refused(problem, this.#violations(problem.violations ?? []));
    }
    if (this.#running !== running) return;
    if (document.activeElement === this.#stop) this.#send.focus();
    this.#stop.hidden = true;
    this.#running = null;
    await this.#mark();
  }

  async #call(way, running) {
    const response = await ask(WAYS[way].path, {
      method: "POST", headers: { "Content-Type": JSON_TYPE }, body: this.#calls.body(way, this.#sensitive.into(this.#input.value)), signal: running.signal, cache: "no-store",
    });
    if (way !== "stream") {
      const answer = await response.json();
      if (this.#running === running) this.#outcome.invoked(answer);
      return;
    }
    this.#outcome.streaming();
    await readEvents(response, (event) => { if (this.#running === running) this.#outcome.frame(event); });
    if (this.#running === running) this.#outcome.closed();
  }

  /** Shows what a person has to decide, with the buttons to do it. */
  async #askPerson(executionId) {
    const { pauses } = await askJson(`${EXECUTIONS_PATH}/${executionId}/pauses`, { cache: "no-store" }).catch(() => ({ pauses: [] }));
    if (this.#executionId !== executionId) return;
    const open = pauses.filter(({ state }) => state === "OPEN");
    this.#outcome.ask(open.map((pause) => decisionForm(pause, () => this.#follow(executionId))));
  }

  /** Waits for what becomes of an execution after a decision. */
  async #follow(executionId) {
    this.#outcome.goesOn();
    const { status } = await askJson(`${EXECUTIONS_PATH}/${executionId}:wait`, { cache: "no-store" });
    if (this.#executionId !== executionId) return;
    const isEnd = ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"].includes(status);
    const end = isEnd && await askJson(`${EXECUTIONS_PATH}/${executionId}/output`, { cache: "no-store" });
    if (this.#executionId !== executionId) return;
    const result = isEnd ? { success: status === "COMPLETED", output: end.output, error: end.error ?? { code: status, message: status } } : undefined;
    this.#outcome.invoked({ execution_id: executionId, result, status });
    await this.#mark();
  }

  /** Gives up the call that is under way, for another one. */
  #leave() {
    this.#running.abort();
    this.#cancelled();
  }

  /** Cancels the execution whose caller hung up, and says what came of it. */
  async #cancelled() {
    if (!this.#executionId) return "Stopped waiting; the execution goes on";
    try {
      await ask(`/invocations/v1/flows/${this.#executionId}`, { method: "DELETE" });
      return "Cancelled";
    } catch {
      return "Stopped";
    }
  }

  /** Shows in the graph how the run left its nodes. It does without when that cannot be had. */
  async #mark() {
    const executionId = this.#executionId;
    if (!executionId) return;
    const { nodes } = await askJson(`${EXECUTIONS_PATH}/${executionId}/nodes`, { cache: "no-store" }).catch(() => ({ nodes: [] }));
    if (this.#executionId === executionId) this.#graph.mark(new Map(nodes.map(({ node, status }) => [node, status])));
  }

  /** What the server found, each with its path, which leads to the place in the editor. */
  #violations(violations) {
    const own = violations.filter(({ field }) => stepsOf(field));
    if (own.length) this.#input.setAttribute("aria-invalid", "true");
    return violations.map(({ field, description }) => h("li", {},
      stepsOf(field) ? h("button", { type: "button", class: "quiet path", click: () => this.#goTo(field) }, field) : h("code", { class: "path" }, field),
      " ", h("span", {}, description)));
  }

  #goTo(field) {
    const place = placeOf(this.#input.value, stepsOf(field));
    this.#input.focus();
    if (!place) return;
    this.#input.setSelectionRange(place.start, place.end);
    const line = this.#input.value.slice(0, place.start).split("\n").length - 1;
    this.#input.scrollTop = (line - 2) * parseFloat(getComputedStyle(this.#input).lineHeight);
  }
}

/** What keeps a text from being sent as the input, or null. */
function inputProblem(text) {
  try {
    JSON.parse(text);
    return null;
  } catch (problem) {
    return `Not JSON yet: ${problem.message}`;
  }
}
