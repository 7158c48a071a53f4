// The artifact's graph as the drawing and the words about it need it.

/** `nodes` come each before those that they lead to. Edges name nodes by index. */
class Plan {
  constructor({ plan, definition }) {
    this.nodes = (plan?.nodes ?? []).map((node, index) => ({ ...node, index }));
    this.edges = (plan?.edges ?? []).map((edge) => this.#edge(edge, definition?.edges ?? []));
  }

  /** `label` is what decides whether it is taken, "" for always. `fields` is target field -> expression, or null. */
  #edge({ source = 0, target = 0, when, otherwise, transform }, defined) {
    const [from, to] = [this.nodes[source].name, this.nodes[target].name];
    const written = defined.find((each) => each.from === from && each.to === to && each.when === when);
    const fields = Object.entries(written?.map ?? {});
    return { source, target, when, isOtherwise: Boolean(otherwise), label: when ?? (otherwise ? "otherwise" : ""), transform, fields: fields.length ? fields : null };
  }

  into(index) {
    return this.edges.filter((edge) => edge.target === index);
  }

  outOf(index) {
    return this.edges.filter((edge) => edge.source === index);
  }

  /** "price, runs orders/price, then charge when …, or invoice otherwise": for those who hear the graph. */
  sentence(index) {
    const node = this.nodes[index];
    return [`${node.name}, ${workOf(node).says}`, this.#onward(index)].join(", ");
  }

  /** Edges that are always taken are taken together; of the others one is. */
  #onward(index) {
    const words = (edges) => edges.map((edge) => `${this.nodes[edge.target].name}${edgeWords(edge)}`);
    const edges = this.outOf(index);
    if (!edges.length) return "the last one";
    const together = words(edges.filter((edge) => !edge.label)).join(" and at once ");
    const choice = words(edges.filter((edge) => edge.label)).join(", or ");
    return `then ${[together, choice].filter(Boolean).join(", and ")}`;
  }
}

function edgeWords({ when, isOtherwise }) {
  if (when) return ` when ${when}`;
  return isOtherwise ? " otherwise" : "";
}

/** The line below a node's name. */
function usedBy(node) {
  return workOf(node).line;
}

/** {kind, line, says}: what a node does, in short and as part of a sentence. */
function workOf(node) {
  const used = `${node.package}/${node.function}`;
  if (node.pause) return { kind: "pause", line: "asks a person", says: "waits for a person" };
  if (node.gate) {
    const { required } = node.gate;
    const branches = `${required} ${required === 1 ? "branch" : "branches"}`;
    return { kind: "gate", line: `joins ${branches}`, says: `waits for ${branches}` };
  }
  if (node.map) return { kind: "map", line: `each: ${used}`, says: `runs ${used} for each item` };
  if (node.flow) return { kind: "flow", line: `flow ${node.flow}`, says: `runs the flow ${node.flow}` };
  if (node.sleep) return { kind: "sleep", line: `sleeps ${lasting(node.sleep)}`, says: `sleeps ${lasting(node.sleep)}` };
  return { kind: node.pipeline ? "pipeline" : "function", line: used, says: `runs ${used}` };
}

/** "1.500s" as a person has it: "1.5 s", "2 min", "36 h". */
function lasting(duration) {
  const seconds = parseFloat(duration);
  const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"]].find(([each]) => seconds >= each && seconds % each === 0) ?? [1, "s"];
  return `${seconds / size} ${unit}`;
}
