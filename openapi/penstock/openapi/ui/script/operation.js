// The view of one operation: what it does and takes and gives, beside the form to try it.

class OperationView {
  #tryIt;

  constructor(doc, operation) {
    this.#tryIt = new TryIt(doc, operation);
    this.heading = h("h1", { tabindex: "-1" }, operation.title);
    this.element = h("article", { class: "operation" },
      h("div", { class: "reference" },
        operationHeader(operation, this.heading, this.#tryIt.element),
        parametersSection(doc, operation),
        operation.body && bodySection(doc, operation.body),
        responsesSection(doc, operation)),
      this.#tryIt.element);
  }

  /** To be called each time it comes into view. */
  refresh() {
    this.#tryIt.refresh();
  }
}

function operationHeader(operation, heading, tryIt) {
  const { grpc } = operation;
  return h("header", {},
    h("p", { class: "eyebrow" }, sentence(operation.tag)),
    heading,
    h("div", { class: "route" }, methodMark(operation.method), pathCode(operation.path), copyButton("the path", () => operation.path)),
    h("p", { class: "traits" },
      operation.deprecated && h("span", { class: "mark required" }, "deprecated"),
      isStream(operation) && h("span", { class: "mark" }, "server-sent events"),
      grpc && h("span", {}, "gRPC ", h("code", {}, `${grpc.service}/${grpc.method}`))),
    operation.description && h("div", { class: "prose lead" }, prose(operation.description)),
    h("button", { type: "button", class: "jump", click: () => {
      tryIt.scrollIntoView();
      tryIt.querySelector("h2").focus({ preventScroll: true });
    } }, "Try it"));
}

function methodMark(method) {
  return h("span", { class: "method", "data-method": method }, method);
}

/** The path with its variables set apart, and places where a narrow screen may break it. */
function pathCode(path) {
  const parts = path.split(/(\{[^{}]+\}|\/)/).filter(Boolean);
  return h("code", { class: "path" }, parts.flatMap((part) => {
    if (part === "/") return [h("wbr"), part];
    return part.startsWith("{") ? h("span", { class: "variable" }, part) : part;
  }));
}

function parametersSection(doc, { parameters }) {
  const places = [["path", "Path"], ["query", "Query"], ["header", "Headers"]];
  const lists = places.map(([place, name]) => [name, parameters.filter((each) => each.in === place)]).filter(([, found]) => found.length);
  if (!lists.length) return null;
  return h("section", {}, h("h2", {}, "Parameters"), lists.map(([name, found]) => [
    h("h3", {}, name),
    h("ul", { class: "fields" }, found.map((each) => field(doc, each.name, each.schema ?? {}, each.required, each.description))),
  ]));
}

function bodySection(doc, body) {
  return h("section", {}, h("h2", {}, "Request body"),
    body.description && h("div", { class: "prose" }, prose(body.description)),
    mediaViews(doc, body.content, false));
}

function responsesSection(doc, { responses }) {
  return h("section", {}, h("h2", {}, "Responses"), responses.map((response) => {
    const word = /^\d/.test(response.status) ? statusWord(Number(response.status[0]) * 100) : "odd";
    const summary = h("span", { class: "response-head" },
      h("span", { class: "status-code", "data-state": word }, response.status === "default" ? "other" : response.status),
      h("span", {}, inline(response.description ?? "")));
    return disclosure(summary, () => responseContent(doc, response), { class: "response", open: word === "ok" });
  }));
}

function responseContent(doc, response) {
  const headers = Object.entries(response.headers ?? {}).map(([name, header]) => {
    const found = doc.resolve(header);
    return field(doc, name, found.schema ?? {}, found.required, found.description);
  });
  const media = mediaViews(doc, response.content, true);
  return h("div", { class: "response-content" },
    headers.length > 0 && [h("h3", {}, "Headers"), h("ul", { class: "fields" }, headers)],
    media,
    !headers.length && !media.length && h("p", { class: "remark" }, "No body."));
}

/** Each media type with its schema; types with the same schema as one before are only named. */
function mediaViews(doc, content, withExample) {
  const groups = new Map();
  for (const [type, media] of Object.entries(content ?? {})) {
    const shape = JSON.stringify(media.schema ?? null);
    if (groups.has(shape)) groups.get(shape).types.push(type);
    else groups.set(shape, { types: [type], media });
  }
  return [...groups.values()].map(({ types, media }) => h("div", { class: "media" },
    h("p", { class: "media-types" }, media.schema && [h("strong", {}, typeName(doc, media.schema)), " as "], types.flatMap((type, index) => [index ? " or " : "", h("code", {}, type)])),
    media.schema && schemaView(doc, media.schema),
    withExample && examples(doc, media).map(({ name, text }) => disclosure(name, () => exampleBlock(name, text)))));
}

function exampleBlock(name, text) {
  return h("pre", { tabindex: "0", role: "region", "aria-label": name }, jsonCode(text));
}
