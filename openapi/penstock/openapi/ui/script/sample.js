// Makes up example values where the document gives none.

const SAMPLE_DEPTH_MAX = 4;
const SAMPLE_STRINGS = { "date-time": "2026-01-01T00:00:00Z", duration: "1.500s", byte: "", uuid: "00000000-0000-0000-0000-000000000000" };

/** The examples of a media type as [{name, text}]; one made from its schema when it has none. */
function examples(doc, media) {
  const given = Object.entries(media.examples ?? {}).map(([name, each]) => {
    const example = doc.resolve(each);
    return { name: example.summary ?? name, value: example.value };
  }).filter((each) => each.value !== undefined);
  if (!given.length && media.example !== undefined) given.push({ name: "Example", value: media.example });
  if (!given.length && media.schema) given.push({ name: "Example", value: sample(doc, media.schema) });
  return given.map(({ name, value }) => ({ name, text: typeof value === "string" ? value : prettyJson(JSON.stringify(value)) }));
}

/** A value that fits the schema, as far as can be told. `above` holds the names on the way, so that a ring ends. */
function sample(doc, schema, above = []) {
  const found = flat(doc, schema);
  const told = [found.examples?.[0], found.example, found.const, found.default].find((each) => each !== undefined);
  if (told !== undefined) return told;
  const values = choices(doc, found).map((each) => each.value);
  if (values.length) return values.find((value) => !/UNSPECIFIED$/.test(value)) ?? values[0];
  const type = Array.isArray(found.type) ? found.type[0] : found.type;
  const isDeep = above.length >= SAMPLE_DEPTH_MAX || (found.refName && above.includes(found.refName));
  const below = [...above, found.refName];
  if (isComposite(found)) return isDeep ? {} : sampleObject(doc, found, below);
  if (type === "array") return isDeep ? [] : [sample(doc, found.items ?? {}, below)];
  if (type === "string") return SAMPLE_STRINGS[found.format] ?? (/64$/.test(found.format ?? "") ? "0" : "string");
  if (type === "integer" || type === "number") return Math.max(0, found.minimum ?? 0);
  if (type === "boolean") return false;
  const variant = (found.oneOf ?? found.anyOf)?.[0];
  return variant && !isDeep ? sample(doc, variant, below) : {};
}

/** Of members that exclude each other only the first is kept. */
function sampleObject(doc, found, above) {
  const left = new Set(exclusiveMembers(found).flatMap((names) => names.slice(1)));
  const kept = Object.entries(found.properties).filter(([name]) => !left.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, sample(doc, member, above)]));
}
