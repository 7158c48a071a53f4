// Boxes for the sensitive texts of an input: what is typed into them is sent, and shown nowhere.

class SensitiveTexts {
  #boxes = new Map();
  element = h("div", { class: "row", hidden: true });

  /** Makes a box for each of the members. */
  show(names) {
    this.#boxes = new Map(names.map((name) => [name, h("input", {
      id: `sensitive-${name}`, type: "password", autocomplete: "off", spellcheck: "false", "data-sensitive": name,
    })]));
    this.element.hidden = !names.length;
    this.element.replaceChildren(...names.flatMap((name) => [
      h("label", { for: `sensitive-${name}` }, h("code", {}, name), h("span", { class: "field-type" }, "sensitive, sent with the input")),
      this.#boxes.get(name),
    ]));
  }

  /** An input without what has a box. */
  without(value) {
    return Object.fromEntries(Object.entries(value).filter(([name]) => !this.#boxes.has(name)));
  }

  /** JSON text of an input with what is in the boxes; the rest stays as it was typed. */
  into(text) {
    const given = [...this.#boxes].filter(([, box]) => box.value).map(([name, box]) => `${JSON.stringify(name)}:${JSON.stringify(box.value)}`);
    if (!given.length || !/^\s*\{/.test(text)) return text;
    const isEmpty = /^\s*\{\s*\}\s*$/.test(text);
    return text.replace("{", () => `{${given.join(",")}${isEmpty ? "" : ","}`);
  }
}

/** Names of the texts right in the input that are sensitive. */
function sensitiveMembers(doc) {
  const found = flat(doc, doc.raw.properties.input);
  return Object.entries(found.properties ?? {}).filter(([, schema]) => {
    const member = flat(doc, schema);
    return member["x-penstock-sensitive"] && member.format === "password";
  }).map(([name]) => name);
}
