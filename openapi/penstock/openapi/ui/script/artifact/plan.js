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
    const { name } = this.nodes[index];
    const ways = this.outOf(index).map((edge) => `${this.nodes[edge.target].name}${edgeWords(edge)}`);
    return [`${name}, runs ${usedBy(this.nodes[index])}`, ways.length ? `then ${ways.join(", or ")}` : "the last one"].join(", ");
  }
}

function edgeWords({ when, isOtherwise }) {
  if (when) return ` when ${when}`;
  return isOtherwise ? " otherwise" : "";
}

function usedBy(node) {
  return `${node.package}/${node.function}`;
}
