// What the artifact takes and gives, field by field.

/** The schema of an artifact as the other views read documents. */
class SchemaDocument {
  constructor(raw) {
    this.raw = raw;
  }

  resolve(value) {
    return resolved(this.raw, value);
  }
}

/** `name` is "input" or "output". */
function typeView(doc, name) {
  const schema = doc.raw.properties[name];
  const found = flat(doc, schema);
  const said = found.refDescription;
  const isEmpty = found.type === "object" && !inner(doc, schema) && found.additionalProperties === false;
  return [
    said && h("div", { class: "prose" }, prose(said)),
    isEmpty ? h("p", { class: "remark" }, "It has no fields.") : schemaView(doc, schema),
  ];
}

/** The input of the example in the artifact's OpenAPI document; one made up from the schema when that has none. */
function exampleInput(doc, openapi) {
  const paths = ["/invocations/v1/flows/invoke", "/invocations/v1/flows/invoke/stream"];
  for (const path of paths) {
    const shown = openapi?.paths?.[path]?.post?.requestBody?.content?.[JSON_TYPE]?.examples ?? {};
    const given = Object.values(shown).find((each) => each.value?.input !== undefined);
    if (given) return given.value.input;
  }
  return doc ? sample(doc, doc.raw.properties.input) : {};
}
