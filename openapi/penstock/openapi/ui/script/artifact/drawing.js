// Draws a graph that was laid out, as SVG.

const OUTCOMES = {
  SUCCEEDED: ["✓", "succeeded"], FAILED: ["✕", "failed"], TIMED_OUT: ["✕", "timed out"], CANCELLED: ["✕", "cancelled"], SKIPPED: ["–", "skipped"], RUNNING: ["…", "running"],
  WAITING: ["◔", "waiting"], COMPENSATED: ["↶", "undone"],
};

/** As `h`, for SVG. */
function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter(Boolean));
  return element;
}

/** The whole drawing. `nodes` are the elements made by `nodeElement`, in the order of the plan. */
function drawing(layout, plan, nodes) {
  const { width, height, edges } = layout;
  return s("svg", { class: "drawing", width, height, viewBox: `0 0 ${width} ${height}`, role: "listbox", "aria-label": "Nodes of the flow" },
    s("defs", {}, s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto-start-reverse" },
      s("path", { class: "arrow", d: "M0.5 0.8 7 4 0.500 7.200z" }))),
    s("g", { "aria-hidden": "true" },
      edges.map(({ points, edge }) => s("path", { class: `edge${edge.label ? " chosen" : ""}`, d: curve(points, layout.isWide), "marker-end": "url(#arrow)" })),
      ends(layout, plan)),
    nodes,
    s("g", { "aria-hidden": "true" }, edges.filter(({ label }) => label).map(labelElement)));
}

function curve(points, isWide) {
  const number = (value) => Math.round(value * 10) / 10;
  const at = ({ x, y }) => `${number(x)} ${number(y)}`;
  return points.map(([from, to], index) => {
    const half = isWide ? (from.x + to.x) / 2 : (from.y + to.y) / 2;
    const [one, other] = isWide ? [{ x: half, y: from.y }, { x: half, y: to.y }] : [{ x: from.x, y: half }, { x: to.x, y: half }];
    return `${index ? "L" : "M"}${at(from)} C${at(one)} ${at(other)} ${at(to)}`;
  }).join(" ");
}

/** What leads into the first nodes and out of the last ones. */
function ends({ nodes, isWide }, plan) {
  const reach = MARGIN - 10;
  return nodes.flatMap(({ node, x, y, width, height }) => {
    const [first, last] = isWide ? [{ x, y: y + height / 2 }, { x: x + width, y: y + height / 2 }] : [{ x: x + width / 2, y }, { x: x + width / 2, y: y + height }];
    const [dx, dy] = isWide ? [reach, 0] : [0, reach];
    return [
      !plan.into(node.index).length && [s("circle", { class: "end", cx: first.x - dx, cy: first.y - dy, r: 3.5 }), s("path", { class: "edge", d: `M${first.x - dx} ${first.y - dy}L${first.x} ${first.y}`, "marker-end": "url(#arrow)" })],
      !plan.outOf(node.index).length && [s("path", { class: "edge", d: `M${last.x} ${last.y}L${last.x + dx} ${last.y + dy}` }), s("circle", { class: "end", cx: last.x + dx, cy: last.y + dy, r: 3.5 })],
    ];
  });
}

function nodeElement({ node, x, y, width, height }, label, listeners) {
  const text = (value, size) => shortened(value, Math.floor((width - 30) / size));
  const { kind } = workOf(node);
  const round = { gate: height / 2, pause: 18, sleep: 18 }[kind] ?? 8;
  return s("g", { class: "node", "data-kind": kind, role: "option", tabindex: "-1", "aria-selected": "false", "aria-label": label, transform: `translate(${x} ${y})`, ...listeners },
    s("title", {}, `${node.name}: ${usedBy(node)}`),
    (node.pipeline || kind === "map") && s("rect", { class: "behind", x: 4, y: -4, width, height, rx: 8 }),
    s("rect", { class: "body", width, height, rx: round }),
    kind === "flow" && s("rect", { class: "inset", x: 4, y: 4, width: width - 8, height: height - 8, rx: 5 }),
    s("text", { class: "name", x: 14, y: 23 }, text(node.name, CHARACTER_WIDTHS.name)),
    s("text", { class: "use", x: 14, y: 41 }, text(usedBy(node), CHARACTER_WIDTHS.use)),
    s("text", { class: "outcome", x: width - 12, y: 22, "text-anchor": "end" }));
}

function labelElement({ edge, label: { x, y, width, text } }) {
  return s("g", { class: `label${edge.isOtherwise ? " otherwise" : ""}`, transform: `translate(${x} ${y})` },
    s("title", {}, edge.label),
    s("rect", { x: -width / 2, y: -LABEL_HEIGHT / 2, width, height: LABEL_HEIGHT, rx: LABEL_HEIGHT / 2 }),
    s("text", { "text-anchor": "middle", y: 4 }, text));
}
