// Follows references within a JSON document.

const REFERENCES_MAX = 16; // A longer chain of references is a ring.

/**
 * What a reference points at, with `refName`, the last word of the pointer. What stands beside $ref wins;
 * `refDescription` is what the target says of itself.
 */
function resolved(root, value) {
  let found = value;
  for (let hop = 0; found?.$ref && hop < REFERENCES_MAX; hop += 1) {
    const { $ref: pointer, ...beside } = found;
    const steps = pointer.replace(/^#\/?/, "").split("/").map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
    const target = pointer.startsWith("#") ? steps.reduce((at, step) => at?.[step], root) : undefined;
    found = { refName: steps.at(-1), refDescription: target?.description, ...target, ...beside };
  }
  return found ?? {};
}
