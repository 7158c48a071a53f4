// The flow as a graph: arrow keys go from node to node, and what the node does stands below.

const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

class Graph {
  #plan;
  #wide = null;
  #direction = null;
  #places = [];
  #nodes = [];
  #outcomes = new Map();
  #selected = 0;
  #frame = h("div", { class: "graph" });
  #panel = h("div", { class: "node-panel" });

  constructor(artifact) {
    this.#plan = new Plan(artifact);
    this.elements = [
      this.#frame,
      this.#panel,
      h("details", { class: "as-list" }, h("summary", {}, "As a list"), h("ol", {}, this.#plan.nodes.map(({ index }) => h("li", {}, this.#plan.sentence(index))))),
    ];
    this.#draw();
    new ResizeObserver(() => this.#draw()).observe(this.#frame);
    this.#tell();
  }

  /** Shows how a run left the nodes: name -> status. An empty map shows none. */
  mark(outcomes) {
    this.#outcomes = outcomes;
    for (const { node } of this.#places) this.#markNode(node);
  }

  /** Leads to the right where there is room for that, else down. */
  #draw() {
    const room = this.#frame.clientWidth || Infinity;
    if (!this.#plan.nodes.length) return;
    this.#wide ??= layOut(this.#plan, "wide");
    const direction = this.#wide.width <= room ? "wide" : "tall";
    if (direction === this.#direction) return;
    const hadFocus = this.#frame.contains(document.activeElement);
    this.#direction = direction;
    const layout = direction === "wide" ? this.#wide : layOut(this.#plan, "tall");
    this.#places = layout.nodes;
    this.#nodes = layout.nodes.map((place) => nodeElement(place, this.#plan.sentence(place.node.index), {
      focus: () => this.#select(place.node.index),
      click: () => this.#nodes[place.node.index].focus(),
      keydown: (event) => this.#move(event, place),
    }));
    this.#frame.replaceChildren(drawing(layout, this.#plan, this.#nodes));
    const [first] = layout.nodes;
    this.#frame.scrollTo(first.x + first.width / 2 - room / 2, 0);
    this.mark(this.#outcomes);
    this.#select(this.#selected);
    if (hadFocus) this.#nodes[this.#selected].focus();
  }

  #move(event, { node, x, y }) {
    const last = this.#nodes.length - 1;
    const target = { Home: 0, End: last }[event.key] ?? this.#nearest(ARROWS[event.key], node, x, y);
    if (target === null) return;
    event.preventDefault();
    this.#nodes[target].focus();
    this.#nodes[target].scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Index of the node that is next in a direction; null when there is none, or no direction. */
  #nearest(step, from, x, y) {
    if (!step) return null;
    const [dx, dy] = step;
    const ahead = this.#places.map((place) => {
      const along = (place.x - x) * dx + (place.y - y) * dy;
      const aside = Math.abs((place.x - x) * dy) + Math.abs((place.y - y) * dx);
      return { index: place.node.index, along, cost: along + 2 * aside };
    }).filter(({ index, along }) => index !== from.index && along > 1);
    return ahead.sort((one, other) => one.cost - other.cost)[0]?.index ?? null;
  }

  #select(index) {
    this.#selected = index;
    this.#nodes.forEach((element, each) => {
      element.setAttribute("aria-selected", String(each === index));
      element.setAttribute("tabindex", each === index ? "0" : "-1");
    });
    this.#tell();
  }

  #markNode(node) {
    const [sign, word] = OUTCOMES[this.#outcomes.get(node.name)] ?? ["", ""];
    const element = this.#nodes[node.index];
    element.dataset.outcome = word;
    element.querySelector(".outcome").textContent = sign;
    element.setAttribute("aria-label", [this.#plan.sentence(node.index), word].filter(Boolean).join(", "));
  }

  #tell() {
    const node = this.#plan.nodes[this.#selected];
    if (!node) return;
    const ways = (edges, end) => edges.map((edge) => h("li", {}, h("strong", {}, this.#plan.nodes[edge[end]].name), edgeView(edge)));
    const [before, after] = [this.#plan.into(node.index), this.#plan.outOf(node.index)];
    this.#panel.replaceChildren(
      h("h3", {}, node.name),
      h("dl", { class: "facts" },
        workFacts(node),
        fact("Takes", h("code", {}, node.input_type)),
        fact("Gives", h("code", {}, node.output_type)),
        node.timeout && workOf(node).line.includes("/") && fact("Longest attempt", lasting(node.timeout)),
        policyFacts(node),
        before.length > 0 && fact("After", h("ul", {}, ways(before, "source"))),
        after.length > 0 && fact("Then", h("ul", {}, ways(after, "target")))));
  }
}

/** What a node does, by its kind. */
function workFacts(node) {
  const { kind, says } = workOf(node);
  const code = (text) => h("code", {}, text);
  const mark = h("span", { class: "mark" }, kind);
  if (kind === "pause") {
    const { prompt, timeout, on_timeout: then } = node.pause;
    return [fact("Asks", prompt || "a person to decide", mark), timeout && fact("Decides by itself", `after ${lasting(timeout)}: ${then || "fail"}`)];
  }
  if (kind === "map") {
    const { max_concurrency: most, path, from_input: isInput } = node.map;
    return [fact("Runs", code(`${node.package}/${node.function}`), mark), fact("For each of", code([isInput ? "input" : "output", ...path].join(".")), `${most} at once`)];
  }
  if (kind === "function" || kind === "pipeline") return fact("Runs", code(`${node.package}/${node.function}`), kind === "pipeline" && mark);
  return fact("Does", says, mark);
}

/** What else was said of a node. */
function policyFacts(node) {
  const functionOf = (planned) => planned && h("code", {}, `${planned.package}/${planned.function}`);
  return [
    node.retries && fact("Attempts", String(node.retries.max_attempts)),
    node.fallback && fact("If all fail", functionOf(node.fallback)),
    node.compensate && fact("Undone by", functionOf(node.compensate)),
    node.cache && fact("Cached", node.cache.ttl ? `for ${lasting(node.cache.ttl)}` : "for good"),
    node.signals?.length > 0 && fact("Waits for signals", node.signals.map(({ name }) => h("code", {}, name))),
  ];
}

/** When an edge is taken, and what it makes of the message. */
function edgeView({ when, isOtherwise, fields, transform }) {
  return [
    when && [" when ", h("code", {}, when)],
    isOtherwise && " otherwise",
    fields && h("ul", { class: "assigned" }, fields.map(([name, expression]) => h("li", {}, h("code", {}, `${name} = ${expression}`)))),
    !fields && transform && h("ul", { class: "assigned" }, h("li", {}, h("code", {}, transform))),
  ];
}
