// Shows JSON text laid out and coloured, from its tokens: numbers keep every digit they came with.

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;
const JSON_CLOSING = { "{": "}", "[": "]" };
// Colouring makes an element a token; above this a plain text is shown, so that the page stays quick.
const COLOURED_CHARACTERS_MAX = 200_000;

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** [class or null, text] pairs of JSON text laid out anew: over lines, or on one line with spaces. */
function jsonPieces(text, overLines) {
  const tokens = text.match(JSON_TOKEN) ?? [];
  const pieces = [];
  let depth = 0;
  let previous = "";
  const line = () => (overLines ? `\n${"  ".repeat(depth)}` : "");
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token in JSON_CLOSING) {
      if (next !== JSON_CLOSING[token]) depth += 1;
      pieces.push([null, token + (next === JSON_CLOSING[token] ? "" : line())]);
    } else if (token === "}" || token === "]") {
      const empty = JSON_CLOSING[previous] === token;
      if (!empty) depth -= 1;
      pieces.push([null, (empty ? "" : line()) + token]);
    } else if (token === ",") pieces.push([null, overLines ? `,${line()}` : ", "]);
    else if (token === ":") pieces.push([null, ": "]);
    else if (token[0] === '"') pieces.push([next === ":" ? "json-key" : "json-string", token]);
    else pieces.push([/^[tfn]/.test(token) ? "json-word" : "json-number", token]);
    previous = token;
  });
  return pieces;
}

/** JSON text laid out over lines. */
function prettyJson(text) {
  return jsonPieces(text, true).map(([, piece]) => piece).join("");
}

/** JSON text on one line if that is at most so long, else over lines. */
function compactJson(text, charactersMax) {
  const oneLine = jsonPieces(text, false).map(([, piece]) => piece).join("");
  return oneLine.length <= charactersMax ? oneLine : prettyJson(text);
}

/** A <code> element with coloured JSON, or with the text as it is when it is no JSON. `layout` lays it out. */
function jsonCode(text, layout = prettyJson) {
  if (!isJson(text)) return h("code", {}, text);
  const pretty = layout(text);
  if (pretty.length > COLOURED_CHARACTERS_MAX) return h("code", {}, pretty);
  const pieces = jsonPieces(text, pretty.includes("\n"));
  return h("code", {}, pieces.map(([name, piece]) => (name ? h("span", { class: name }, piece) : piece)));
}
