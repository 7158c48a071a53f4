// The form that calls an operation, its answer, and the same call as shell lines.

/** Values of *_id members seen in answers: they fill the same path variables of other operations. */
const seenIds = new Map();

function rememberIds(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return;
  for (const [name, id] of Object.entries(value)) {
    if (/_id$/.test(name) && typeof id === "string" && id) seenIds.set(name, id);
  }
}

class TryIt {
  #doc;
  #operation;
  #inputs = [];
  #body = null;
  #bodyNote = null;
  #answer = new Answer(rememberIds);
  #recipes;
  #running = null; // What aborts the newest call, while it is under way.
  #filled = null; // Settles when the call before is done with the answer.
  #stop = h("button", { type: "button", hidden: true, click: () => this.#running?.abort() }, "Stop");
  #send = h("button", { type: "submit", class: "primary" }, "Send");
  #keyNote = h("p", { class: "key-note" });

  constructor(doc, operation) {
    this.#doc = doc;
    this.#operation = operation;
    const parameters = operation.parameters.map((parameter) => this.#parameterRow(parameter));
    const form = h("form", { submit: (event) => { event.preventDefault(); this.#run(); }, input: () => this.#changed() },
      parameters,
      operation.body && this.#bodyEditor(),
      h("div", { class: "actions" }, this.#send, this.#stop, this.#keyNote));
    const kinds = { curl: (key) => curl(doc, operation, this.#values(), key) };
    if (operation.grpc) kinds.grpcurl = (key) => grpcurl(doc, operation, this.#values(), key);
    this.#recipes = new Recipes(kinds);
    this.element = h("section", { class: "try-it", "aria-labelledby": "try-it-heading" },
      h("h2", { id: "try-it-heading", tabindex: "-1" }, "Try it"),
      form, this.#answer.element, this.#recipes.element);
    apiKey.onChange(() => this.#changed());
    this.#changed();
  }

  /** Fills path variables that are still empty with the ids of the newest answers. To be called when it comes into view. */
  refresh() {
    for (const { parameter, input } of this.#inputs) {
      if (parameter.in === "path" && !input.value) input.value = seenIds.get(parameter.name) ?? "";
    }
    this.#changed();
  }

  #values() {
    return {
      parameters: this.#inputs.map(({ parameter, input }) => ({ parameter, text: input.value })),
      body: this.#body && this.#body.value.trim() ? this.#body.value : null,
    };
  }

  #changed() {
    this.#recipes?.update();
    this.#keyNote.replaceChildren(...this.#keyWords());
    if (this.#body) {
      const problem = jsonProblem(this.#body.value);
      this.#bodyNote.textContent = problem ?? "";
      this.#body.setAttribute("aria-invalid", String(problem !== null));
    }
  }

  #keyWords() {
    if (!this.#operation.needsKey) return ["No key needed"];
    if (apiKey.value) return ["Key ", h("code", {}, apiKey.masked)];
    return [h("button", { type: "button", class: "quiet", click: () => navigation.focusKey() }, "Set the API key")];
  }

  async #run() {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#stop.hidden = false;
    await this.#filled; // One call at a time writes to the answer.
    if (this.#running !== running) return;
    const request = buildRequest(this.#doc, this.#operation, this.#values(), apiKey.value);
    this.#filled = this.#answer.fill(request, running.signal);
    await this.#filled;
    if (this.#running !== running) return;
    if (document.activeElement === this.#stop) this.#send.focus();
    this.#stop.hidden = true;
    this.#running = null;
  }

  #parameterRow(parameter) {
    const id = freshId("parameter");
    const found = flat(this.#doc, parameter.schema ?? {});
    const input = this.#parameterInput(parameter, found, id);
    this.#inputs.push({ parameter, input });
    return h("div", { class: "row" },
      h("label", { for: id },
        h("code", {}, parameter.name),
        parameter.required && h("span", { class: "mark required" }, "required"),
        h("span", { class: "field-type" }, parameter.in === "query" ? typeName(this.#doc, found) : parameter.in)),
      input);
  }

  #parameterInput(parameter, found, id) {
    const values = found.type === "boolean" ? ["true", "false"] : choices(this.#doc, found).map((each) => String(each.value));
    if (values.length) return h("select", { id }, h("option", { value: "" }, "not set"), values.map((value) => h("option", { value }, value)));
    const isNumber = found.type === "integer" || found.type === "number";
    const input = h("input", {
      id, type: "text", required: parameter.required, autocomplete: "off", spellcheck: "false",
      inputmode: isNumber && "decimal", placeholder: found.default === undefined ? null : JSON.stringify(found.default),
    });
    const example = parameter.example ?? Object.values(parameter.examples ?? {})[0]?.value;
    if (parameter.in === "path" && example !== undefined) input.value = example;
    return input;
  }

  #bodyEditor() {
    const [type, media] = preferred(this.#operation.body.content, BODY_TYPE) ?? [BODY_TYPE, {}];
    const isOptional = !this.#operation.body.required && !media.examples && !media.example;
    const given = isOptional ? [] : examples(this.#doc, media);
    const id = freshId("body");
    this.#bodyNote = h("p", { class: "problem", id: `${id}-note`, role: "status" });
    this.#body = h("textarea", {
      id, rows: "6", spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-describedby": `${id}-note`, "aria-keyshortcuts": "Control+Enter",
      keydown: (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#send.form.requestSubmit(); },
    });
    this.#body.value = given[0]?.text ?? "{}";
    return h("div", { class: "row" },
      h("div", { class: "toolbar" },
        h("label", { for: id }, "Body", h("span", { class: "field-type" }, type)),
        h("div", { class: "choices" },
          given.length > 1 && this.#examplePicker(given),
          h("button", { type: "button", class: "quiet", click: () => this.#format() }, "Format"))),
      this.#body, this.#bodyNote);
  }

  #examplePicker(given) {
    return h("select", { "aria-label": "Example", change: ({ target }) => { this.#body.value = given[target.value].text; this.#changed(); } },
      given.map(({ name }, index) => h("option", { value: String(index) }, name)));
  }

  #format() {
    if (isJson(this.#body.value)) this.#body.value = prettyJson(this.#body.value);
    this.#changed();
  }
}

/** What keeps a text from being JSON, or null. An empty one is left to the server. */
function jsonProblem(text) {
  if (!text.trim()) return null;
  try {
    JSON.parse(text);
    return null;
  } catch (problem) {
    return `Not JSON yet: ${problem.message}`;
  }
}
