// Finds where in a JSON text the value stands that the server names by its path.

/** The steps of "input.lines[0].quantity" below "input"; null for a path that is of something else. */
function stepsOf(path) {
  if (!/^input(?![a-z0-9_])/.test(path)) return null;
  const steps = [...path.slice("input".length).matchAll(/\.([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g)];
  return steps.map(([, name, index, key]) => name ?? (index === undefined ? JSON.parse(`"${key}"`) : Number(index)));
}

/** {start, end} of the value at these steps, or of what is nearest above it when the text has none there. */
function placeOf(text, steps) {
  const tokens = [...text.matchAll(JSON_TOKEN)].map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
  const root = valueAt(tokens, 0);
  let found = root;
  for (const step of steps) {
    const member = found?.members?.find(({ name }) => name === step);
    if (!member) break;
    found = member.value;
  }
  return found && { start: found.start, end: found.end };
}

/** The value that begins at a token: {start, end, next, members}. */
function valueAt(tokens, index) {
  const first = tokens[index];
  if (!first) return null;
  if (!(first.text in JSON_CLOSING)) return { ...first, next: index + 1, members: [] };
  const members = [];
  let at = index + 1;
  while (tokens[at] && tokens[at].text !== JSON_CLOSING[first.text]) {
    const isNamed = first.text === "{";
    const name = isNamed ? JSON.parse(tokens[at].text) : members.length;
    const value = valueAt(tokens, isNamed ? at + 2 : at);
    if (!value) return null;
    members.push({ name, value });
    at = tokens[value.next]?.text === "," ? value.next + 1 : value.next;
  }
  return { start: first.start, end: tokens[at]?.end ?? first.end, next: at + 1, members };
}
