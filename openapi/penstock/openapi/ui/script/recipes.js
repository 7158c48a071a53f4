// Writes the same call as a line for a shell.

const COMMAND_LINE_CHARACTERS_MAX = 72; // What most terminals show beside the option.

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The header with the key; without a key the shell's own, under the name that the penstock command uses. */
function keyHeader(name, key) {
  return key ? quoted(`${name}: Bearer ${key}`) : `"${name}: Bearer $PENSTOCK_API_KEY"`;
}

function curl(doc, operation, values, key) {
  const request = buildRequest(doc, operation, values, null);
  const verb = request.method === "GET" ? "" : ` -X ${request.method}`;
  const parts = [`curl -sS${isStream(operation) ? "N" : ""}${verb}`, quoted(request.url)];
  if (operation.needsKey) parts.push(`-H ${keyHeader("Authorization", key)}`);
  for (const [name, value] of Object.entries(request.headers)) {
    if (name !== "Accept") parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (request.body !== undefined) parts.push(`-d ${quoted(isJson(request.body) ? compactJson(request.body, COMMAND_LINE_CHARACTERS_MAX) : request.body)}`);
  return parts.join(" \\\n  ");
}

/** null when the document does not name the operation's RPC. */
function grpcurl(doc, operation, values, key) {
  const { service, method } = operation.grpc ?? {};
  if (!service || !method) return null;
  const { hostname, protocol } = location;
  const address = document.documentElement.dataset.grpcAddress || `${hostname}:50051`;
  const parts = [`grpcurl${protocol === "https:" ? "" : " -plaintext"}`];
  if (operation.needsKey) parts.push(`-H ${keyHeader("authorization", key)}`);
  const message = grpcMessage(doc, operation, values);
  if (message !== "{}") parts.push(`-d ${quoted(message)}`);
  parts.push(`${address} ${service.includes(".") ? service : `penstock.v1.${service}`}/${method}`);
  return parts.join(" \\\n  ");
}

/** The request message as JSON: the body's members, then path and query by their field paths. Headers stay out. */
function grpcMessage(doc, operation, values) {
  const message = {};
  if (values.body !== null) {
    const body = isJson(values.body) ? JSON.parse(values.body) : {};
    const member = operation.grpc.body ?? "*";
    if (member === "*") Object.assign(message, body);
    else message[member] = body;
  }
  for (const { parameter, text } of values.parameters) {
    if (text !== "" && parameter.in !== "header") place(message, parameter.name.split("."), typed(doc, parameter, text));
  }
  return compactJson(JSON.stringify(message), COMMAND_LINE_CHARACTERS_MAX);
}

function place(message, [first, ...rest], value) {
  if (!rest.length) message[first] = value;
  else place(message[first] ??= {}, rest, value);
}

/** The shell lines of an operation, one in view. `kinds` maps the name of a tool to what writes its line for a key. */
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
