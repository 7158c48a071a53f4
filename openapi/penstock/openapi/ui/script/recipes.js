// Shows the same call for several tools, one at a time, each ready to copy.

/** One in view. `kinds` maps the name of a tool to what writes its line for a key. */
class Recipes {
  #kinds;
  #chosen;
  #code = h("code");
  #buttons = new Map();

  constructor(kinds) {
    this.#kinds = kinds;
    this.#chosen = Object.keys(kinds)[0];
    for (const kind of Object.keys(kinds)) {
      this.#buttons.set(kind, h("button", { type: "button", class: "choice", click: () => { this.#chosen = kind; this.update(); } }, kind));
    }
    const block = h("pre", { tabindex: "0", role: "region", "aria-label": "Command", copy: (event) => this.#copySelection(event) }, this.#code);
    this.element = h("section", { class: "recipes", "aria-label": "As a command" },
      h("div", { class: "toolbar" },
        h("div", { class: "choices", role: "group", "aria-label": "Tool" }, [...this.#buttons.values()]),
        copyButton("the command", () => this.#kinds[this.#chosen](apiKey.value))),
      block);
    this.update();
  }

  update() {
    for (const [kind, button] of this.#buttons) button.setAttribute("aria-pressed", String(kind === this.#chosen));
    this.#code.textContent = this.#kinds[this.#chosen](apiKey.value && apiKey.masked);
  }

  /** The key is hidden in what is seen and there in what is copied. */
  #copySelection(event) {
    event.clipboardData.setData("text/plain", getSelection().toString().replaceAll(apiKey.masked, apiKey.value || apiKey.masked));
    event.preventDefault();
  }
}
