// Reads an OpenAPI 3.1 document into the operations that the page shows.

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];

class ApiDocument {
  constructor(raw) {
    this.raw = raw;
    this.operations = Object.entries(raw.paths ?? {}).flatMap(([path, item]) => {
      const shared = this.resolve(item);
      return METHODS.filter((method) => shared[method]).map((method) => this.#operation(method, path, shared));
    });
    this.groups = this.#grouped();
  }

  /** Where calls go: the path of the document's first server at the page's own origin, the only one it may call. */
  get base() {
    const declared = this.raw.servers?.[0]?.url ?? "/";
    return location.origin + new URL(declared, location.href).pathname.replace(/\/$/, "");
  }

  /** What a reference points at. */
  resolve(value) {
    return resolved(this.raw, value);
  }

  #operation(method, path, item) {
    const raw = item[method];
    const id = raw.operationId ?? `${method} ${path}`;
    const own = (raw.parameters ?? []).map((each) => this.resolve(each));
    const isOverridden = (shared) => own.some((each) => each.name === shared.name && each.in === shared.in);
    const inherited = (item.parameters ?? []).map((each) => this.resolve(each)).filter((each) => !isOverridden(each));
    return {
      id, path, method: method.toUpperCase(),
      title: title(id, raw.summary),
      description: description(raw),
      tag: raw.tags?.[0] ?? "Operations",
      deprecated: Boolean(raw.deprecated),
      parameters: [...inherited, ...own].filter((each) => each.in !== "cookie"),
      body: raw.requestBody ? this.resolve(raw.requestBody) : null,
      responses: Object.entries(raw.responses ?? {}).map(([status, response]) => ({ status, ...this.resolve(response) })),
      needsKey: (raw.security ?? this.raw.security ?? []).some((scheme) => Object.keys(scheme).length),
      grpc: raw["x-penstock-grpc"] ?? null,
    };
  }

  /** [{name, description, operations}] in the order of the document's tags, then of first use. */
  #grouped() {
    const groups = new Map((this.raw.tags ?? []).map((tag) => [tag.name, { ...tag, operations: [] }]));
    for (const operation of this.operations) {
      if (!groups.has(operation.tag)) groups.set(operation.tag, { name: operation.tag, operations: [] });
      groups.get(operation.tag).operations.push(operation);
    }
    return [...groups.values()].filter((group) => group.operations.length);
  }
}

/** "InvokeFlow" and "InvocationService_InvokeFlow" become "Invoke flow"; other ids leave the word to the summary. */
function title(id, summary) {
  const word = id.split(/[._]/).at(-1);
  if (!/^[A-Z][A-Za-z0-9]*$/.test(word)) return summary ?? id;
  return sentence(word);
}

/** "ExecutionService" becomes "Execution service". */
function sentence(word) {
  const words = word.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2").split(" ");
  return words.map((each, index) => (index === 0 || /^[A-Z]{2,}$/.test(each) ? each : each.toLowerCase())).join(" ");
}

/** Summary and description as one text, without saying anything twice. */
function description(raw) {
  const summary = raw.summary?.replace(/\.?$/, ".") ?? "";
  const more = raw.description ?? "";
  return summary && more.startsWith(summary.slice(0, -1)) ? more : `${summary}\n\n${more}`.trim();
}

/** The first of `types` that `content` has, as [type, media], else its first one, else null. */
function preferred(content, ...types) {
  const entries = Object.entries(content ?? {});
  return types.map((type) => entries.find(([name]) => name.startsWith(type))).find(Boolean) ?? entries[0] ?? null;
}

/** The answer of an operation that went well. */
function success(operation) {
  return operation.responses.find((response) => /^2/.test(response.status)) ?? null;
}

function isStream(operation) {
  return "text/event-stream" in (success(operation)?.content ?? {});
}
