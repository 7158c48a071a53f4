// Protobuf JSON where it is more than JSON.parse and JSON.stringify know.

/**
 * JSON text. Beyond JSON.stringify: a bigint, NaN and infinities as the text that protobuf JSON has for them, and
 * -0 with its sign.
 */
export function write(value) {
  if (typeof value === "number") {
    if (Object.is(value, -0)) return "-0.0";
    return Number.isFinite(value) ? String(value) : `"${value}"`;
  }
  if (typeof value === "bigint") return `"${value}"`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (typeof value.toJSON === "function") return write(value.toJSON());
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && typeof member !== "function");
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${write(member)}`).join(",")}}`;
}

/**
 * Makes numbers of the floats that JSON has no number for, in place.
 *
 * `types` holds the messages that have such a field somewhere inside: name -> (field -> [shape, type]). The type is
 * that of a message, or "" for a float itself.
 */
export function readFloats(value, type, types) {
  const fields = types.get(type);
  if (fields === undefined || typeof value !== "object" || value === null) return value;
  for (const [name, [shape, inner]] of fields) {
    if (!Object.hasOwn(value, name)) continue;
    const found = value[name];
    if (shape === "one") {
      value[name] = readFloat(found, inner, types);
      continue;
    }
    for (const at of Array.isArray(found) ? found.keys() : Object.keys(found)) {
      found[at] = readFloat(found[at], inner, types);
    }
  }
  return value;
}

function readFloat(value, type, types) {
  return type === "" ? Number(value) : readFloats(value, type, types);
}
