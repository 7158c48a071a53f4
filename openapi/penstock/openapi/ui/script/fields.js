// Shows a schema as a list of members; what is nested opens on demand, so a type may hold itself.

/** The members of an object, or what there is to say of any other type. */
function schemaView(doc, schema) {
  const found = inner(doc, schema);
  if (found) return members(doc, found);
  const own = flat(doc, schema);
  return h("div", { class: "prose" }, prose(descriptionOf(own) ?? ""), remarks(doc, own));
}

function members(doc, found) {
  const required = new Set(found.required ?? []);
  const fields = Object.entries(found.properties ?? {}).map(([name, schema]) => field(doc, name, schema, required.has(name)));
  return h("div", { class: "members" },
    exclusiveMembers(found).map((names) => h("p", { class: "remark" }, "Only one of ", listed(names), " may be set.")),
    fields.length > 0 && h("ul", { class: "fields" }, fields),
    objectVariants(doc, found).map((variant, index) => disclosure(`${index ? "or" : "Either"} ${shortName(variant.refName) ?? "object"}`, () => members(doc, variant))));
}

/** One member or parameter. */
function field(doc, name, schema, isRequired, text = null) {
  const found = flat(doc, schema);
  const nested = inner(doc, schema);
  const said = text ?? descriptionOf(found);
  return h("li", { class: "field" },
    h("p", { class: "field-head" },
      h("code", { class: "field-name" }, name), " ",
      h("span", { class: "field-type" }, typeName(doc, schema)),
      isRequired && [" ", h("span", { class: "mark required" }, "required")],
      found["x-penstock-sensitive"] && [" ", h("span", { class: "mark" }, "sensitive")],
      found.deprecated && [" ", h("span", { class: "mark" }, "deprecated")],
      found.readOnly && [" ", h("span", { class: "mark" }, "output only")],
      found.writeOnly && [" ", h("span", { class: "mark" }, "input only")]),
    said && h("div", { class: "prose" }, prose(said)),
    remarks(doc, leaf(doc, found)),
    nested && disclosure(heading(nested), () => members(doc, nested)));
}

/** Of lists and maps it is the item whose limits and values matter most. */
function leaf(doc, found) {
  if (found.type === "array" && found.items) return { ...leaf(doc, flat(doc, found.items)), minItems: found.minItems, maxItems: found.maxItems };
  return found;
}

function remarks(doc, found) {
  const phrases = limits(found);
  const values = choices(doc, found);
  return [
    phrases.length > 0 && h("p", { class: "remark" }, phrases.flatMap((phrase, index) => [index ? " · " : "", ...inline(phrase)])),
    values.length > 0 && (values.length > 4 ? disclosure(`${values.length} values`, () => valueList(values)) : valueList(values)),
  ];
}

function valueList(values) {
  return h("ul", { class: "values" }, values.map(({ value, description: said }) =>
    h("li", {}, h("code", {}, String(value)), said && [" ", h("span", {}, inline(said))])));
}

function heading(found) {
  const count = Object.keys(found.properties ?? {}).length;
  const name = shortName(found.refName);
  if (!count) return name ?? "Variants";
  return name ? `${counted(count, "field")} of ${name}` : counted(count, "field");
}

function listed(names) {
  return names.flatMap((name, index) => [index ? (index === names.length - 1 ? " and " : ", ") : "", h("code", {}, name)]);
}

/** A <details> that makes its content when it is first opened. */
function disclosure(summary, content, attributes = {}) {
  const details = h("details", attributes, h("summary", {}, summary));
  details.addEventListener("toggle", () => { if (details.children.length === 1) details.append(content()); });
  if (details.open) details.append(content());
  return details;
}
