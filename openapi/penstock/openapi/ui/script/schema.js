// Says in words what a JSON Schema (2020-12, as OpenAPI 3.1 uses it) allows.

/** A schema without references and allOf. `nullable` says that null was among its types or variants. */
function flat(doc, schema) {
  let found = doc.resolve(schema === true ? {} : schema);
  for (const part of found.allOf ?? []) found = merged(flat(doc, part), found);
  const variants = found.anyOf ?? found.oneOf;
  const real = variants?.filter((each) => doc.resolve(each).type !== "null");
  if (real && real.length < variants.length && real.length === 1) {
    const { anyOf, oneOf, ...beside } = found;
    found = { ...merged(flat(doc, real[0]), beside), nullable: true };
  }
  if (Array.isArray(found.type) && found.type.includes("null")) {
    const types = found.type.filter((each) => each !== "null");
    found = { ...found, type: types.length === 1 ? types[0] : types, nullable: true };
  }
  return found;
}

/** `over` laid on `under`; properties of both are kept. */
function merged(under, over) {
  const { allOf, ...rest } = over;
  return {
    ...under, ...rest,
    properties: under.properties || rest.properties ? { ...under.properties, ...rest.properties } : undefined,
    required: [...(under.required ?? []), ...(rest.required ?? [])],
  };
}

/** A type's name without its package: "orders.Line.Kind" becomes "Line.Kind". */
function shortName(refName) {
  return refName?.replace(/^([a-z][a-z0-9_]*\.)+/, "");
}

/** "string", "int32", "array of Frame", "map of string", "Execution". */
function typeName(doc, schema) {
  const found = flat(doc, schema);
  const { type, format } = found;
  if (type === "array") return `array of ${typeName(doc, found.items ?? {})}`;
  if (isMap(found)) return `map of ${typeName(doc, found.additionalProperties)}`;
  if (choices(doc, found).length) return shortName(found.refName) ?? "enum";
  if (isComposite(found)) return shortName(found.refName) ?? "object";
  const variants = found.oneOf ?? found.anyOf;
  if (variants && !type) return variants.map((each) => typeName(doc, each)).join(" or ");
  if (format ?? found.contentEncoding) return type === "string" ? `string, ${format ?? found.contentEncoding}` : format;
  if (type === "object") return found.additionalProperties === false ? "empty object" : "any JSON object";
  return type ? [type].flat().join(" or ") : "any JSON";
}

function isMap(found) {
  return typeof found.additionalProperties === "object" && !Object.keys(found.properties ?? {}).length;
}

/** Whether it has members of its own to show. */
function isComposite(found) {
  return Object.keys(found.properties ?? {}).length > 0;
}

/** The schema whose members are worth showing below this one: itself, its items' or its values'; else null. */
function inner(doc, schema) {
  const found = flat(doc, schema);
  if (found.type === "array") return inner(doc, found.items ?? {});
  if (isMap(found)) return inner(doc, found.additionalProperties);
  if (isComposite(found)) return found;
  return objectVariants(doc, found).length ? found : null;
}

/** The variants of a union that have members of their own. */
function objectVariants(doc, found) {
  return (found.oneOf ?? found.anyOf ?? []).map((each) => flat(doc, each)).filter((each) => isComposite(each));
}

/** Groups of members of which only one may be set: each forbids the others where it is there. */
function exclusiveMembers(found) {
  const groups = Object.entries(found.dependentSchemas ?? {}).map(([name, { properties }]) => {
    const forbidden = Object.entries(properties ?? {}).filter(([, schema]) => schema === false).map(([other]) => other);
    return Object.keys(found.properties).filter((each) => each === name || forbidden.includes(each));
  });
  return [...new Map(groups.map((names) => [names.join(), names])).values()].filter((names) => names.length > 1);
}

// How a description tells the meaning of an enumeration's value.
const VALUE_LINE = /^- `([^`]+)`: (.*)$/gm;

/** The values of an enumeration as {value, description}. */
function choices(doc, found) {
  if (found.enum) {
    const told = new Map([...(found.refDescription ?? found.description ?? "").matchAll(VALUE_LINE)].map(([, value, meaning]) => [value, meaning]));
    return found.enum.map((value) => ({ value, description: told.get(String(value)) ?? "" }));
  }
  const variants = (found.oneOf ?? found.anyOf ?? []).map((each) => doc.resolve(each));
  const constant = variants.filter((each) => "const" in each);
  if (!constant.length || constant.length < variants.length) return [];
  return constant.map((each) => ({ value: each.const, description: each.description ?? each.title ?? "" }));
}

/** A schema's description without what `choices` tells. */
function descriptionOf(found) {
  return found.enum ? found.description?.replaceAll(VALUE_LINE, "").trim() : found.description;
}

/** What a value has to keep to, as short phrases. What its format's name already says is left out. */
function limits(found) {
  const isMachineNumber = /^(u?int(32|64)|float|double)$/.test(found.format ?? "");
  const isWholeRange = isMachineNumber && (found.maximum ?? 0) >= 2 ** 31 - 1;
  const phrases = [
    !isWholeRange && range(found.minimum ?? found.exclusiveMinimum, found.maximum ?? found.exclusiveMaximum, ""),
    range(found.minLength, found.maxLength, "characters"),
    range(found.minItems, found.maxItems, "items"),
    range(found.minProperties, found.maxProperties, "entries"),
    found.multipleOf !== undefined && `multiple of ${found.multipleOf}`,
    found.uniqueItems && "no repeats",
    found.pattern && !isMachineNumber && !found.contentEncoding && `matches \`${found.pattern}\``,
    found.examples?.length && `for example \`${JSON.stringify(found.examples[0])}\``,
    found.const !== undefined && `always \`${JSON.stringify(found.const)}\``,
    found.default !== undefined && `default \`${JSON.stringify(found.default)}\``,
    found.nullable && "or null",
  ];
  return phrases.filter(Boolean);
}

function range(least, most, unit) {
  const text = (value) => value.toLocaleString("en");
  const words = unit ? ` ${unit}` : "";
  if (least !== undefined && most !== undefined) return least === most ? `exactly ${text(least)}${words}` : `${text(least)} to ${text(most)}${words}`;
  if (least !== undefined) return `at least ${text(least)}${words}`;
  if (most !== undefined) return `at most ${text(most)}${words}`;
  return null;
}
