// Gives each node, edge and label of a graph its place, in CSS pixels.

const NODE_HEIGHT = 54;
const BETWEEN_NODES = 26;
const BEND_SIZE = 14; // Room that a passing edge takes across the direction of the graph.
const GAP_MIN = { wide: 56, tall: 44 };
const LABEL_HEIGHT = 22;
const ROW_GAP = 40; // Beside a label in its row: the curve may carry it a little to the side.
const MARGIN = 28; // Also holds the marks of where the graph begins and ends.
const ALIGNMENTS = 10;
const CHARACTER_WIDTHS = { name: 7.8, use: 6.7, label: 6.7 }; // Of the fonts in graph.css.
const NODE_WIDTHS = { least: 116, most: { wide: 224, tall: 150 } };
const LABEL_CHARACTERS_MAX = { wide: 30, tall: 24 };

/** {width, height, nodes: [{node, x, y, width, height}], edges: [{edge, points, label}]}; "wide" leads to the right, "tall" down. */
function layOut(plan, direction) {
  const { layers, chains } = layered(plan);
  const nodeWidth = widthOfNodes(plan, direction);
  const isWide = direction === "wide";
  const along = isWide ? nodeWidth : NODE_HEIGHT;
  const across = isWide ? NODE_HEIGHT : nodeWidth;
  align(layers, (slot) => (slot.node ? across : BEND_SIZE));
  const labels = chains.map((chain, index) => labelOf(plan.edges[index], chain, direction));
  giveRows(chains, labels, isWide);
  const starts = startsOfLayers(layers, labels, along, direction);
  const point = (main, cross) => (isWide ? { x: main, y: cross } : { x: cross, y: main });
  const nodes = layers.flat().filter((slot) => slot.node).map((slot) => ({
    node: slot.node, ...point(starts[slot.rank], slot.at - across / 2), width: nodeWidth, height: NODE_HEIGHT,
  })).sort((one, other) => one.node.index - other.node.index);
  const edges = chains.map((chain, index) => ({ edge: plan.edges[index], points: pointsOf(chain, starts, along, point), label: labels[index] }));
  placeLabels(edges, isWide);
  return framed(nodes, edges, { isWide });
}

function widthOfNodes({ nodes }, direction) {
  const widths = nodes.map((node) => Math.max(node.name.length * CHARACTER_WIDTHS.name + 24, usedBy(node).length * CHARACTER_WIDTHS.use) + 30);
  return Math.round(Math.min(NODE_WIDTHS.most[direction], Math.max(NODE_WIDTHS.least, ...widths)));
}

/** Slots of a layer stand as near to their neighbours in other layers as those beside them allow. */
function align(layers, sizeOf) {
  const gapsOf = (layer) => layer.map((slot, index) => (index ? (sizeOf(slot) + sizeOf(layer[index - 1])) / 2 + BETWEEN_NODES : 0));
  const set = (layer, wanted) => spread(wanted, gapsOf(layer)).forEach((at, index) => { layer[index].at = at; });
  for (const layer of layers) set(layer, layer.map((_, index) => (index - (layer.length - 1) / 2) * 60));
  for (let turn = 0; turn < ALIGNMENTS; turn += 1) {
    const isForward = turn % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) {
      set(layer, layer.map((slot) => {
        const near = isForward ? slot.before : slot.after;
        return near.length ? mean(near.map((each) => each.at)) : slot.at;
      }));
    }
  }
}

/** The positions nearest to the wanted ones that keep the gaps, by pooling neighbours that are too close. */
function spread(wanted, gaps) {
  let sum = 0;
  const offsets = gaps.map((gap) => (sum += gap));
  const pools = [];
  wanted.forEach((wish, index) => {
    let pool = { total: wish - offsets[index], count: 1 };
    while (pools.length && pools.at(-1).total / pools.at(-1).count > pool.total / pool.count) {
      const last = pools.pop();
      pool = { total: last.total + pool.total, count: last.count + pool.count };
    }
    pools.push(pool);
  });
  return pools.flatMap(({ total, count }) => Array(count).fill(total / count)).map((at, index) => at + offsets[index]);
}

/** null for an edge that is always taken. */
function labelOf({ label }, [{ rank }], direction) {
  if (!label) return null;
  const text = shortened(label, LABEL_CHARACTERS_MAX[direction]);
  return { text, rank, width: text.length * CHARACTER_WIDTHS.label + 16 };
}

function shortened(text, charactersMax) {
  return text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;
}

/** Labels of one gap that would stand in each other's way when the graph leads down come into rows of their own. */
function giveRows(chains, labels, isWide) {
  const shown = labels.map((label, index) => label && { label, at: (chains[index][0].at + chains[index][1].at) / 2 }).filter(Boolean);
  for (const gap of Map.groupBy(shown, ({ label }) => label.rank).values()) {
    const ends = [];
    for (const { label, at } of gap.toSorted((one, other) => one.at - other.at)) {
      const free = isWide ? -1 : ends.findIndex((end) => end < at - label.width / 2);
      label.row = free < 0 ? ends.length : free;
      ends[label.row] = at + label.width / 2 + ROW_GAP;
    }
    for (const { label } of gap) label.rows = ends.length;
  }
}

/** Where each layer begins: labels stand between the layers. */
function startsOfLayers(layers, labels, along, direction) {
  let start = 0;
  return layers.map((_, rank) => {
    const here = start;
    const shown = labels.filter((label) => label?.rank === rank);
    const room = direction === "wide" ? Math.max(0, ...shown.map((label) => label.width + 44)) : shown.length && shown[0].rows * (LABEL_HEIGHT + 4) + 36;
    start += along + Math.max(GAP_MIN[direction], room);
    return here;
  });
}

/** Pairs of points: the edge bends between the two of a pair, and is straight from one pair to the next. */
function pointsOf(chain, starts, along, point) {
  return chain.slice(1).map((slot, index) => {
    const last = chain[index];
    return [point(starts[last.rank] + along, last.at), point(starts[slot.rank], slot.at)];
  });
}

/** On its edge in the middle of the first gap; those that would cover one another give way. */
function placeLabels(edges, isWide) {
  const gaps = Map.groupBy(edges.filter((each) => each.label), (each) => each.label.rank);
  for (const shown of gaps.values()) {
    if (isWide) {
      shown.sort((one, other) => middle(one).y - middle(other).y);
      const wanted = shown.map((each) => middle(each).y);
      const places = spread(wanted, wanted.map((_, index) => (index ? LABEL_HEIGHT + 4 : 0)));
      shown.forEach((each, index) => Object.assign(each.label, { x: middle(each).x, y: places[index] }));
    } else {
      for (const { label, points: [[from, to]] } of shown) {
        const y = (from.y + to.y) / 2 + (label.row - (label.rows - 1) / 2) * (LABEL_HEIGHT + 4);
        Object.assign(label, { x: curveAt(from, to, y), y });
      }
    }
  }
}

function middle({ points: [[from, to]] }) {
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

/** x of a downward curve at height y, found by halving. */
function curveAt(from, to, y) {
  let [low, high] = [0, 1];
  for (let step = 0; step < 24; step += 1) {
    const t = (low + high) / 2;
    const half = (from.y + to.y) / 2;
    const reached = from.y * (1 - t) ** 3 + 3 * half * t * (1 - t) + to.y * t ** 3;
    if (reached < y) low = t;
    else high = t;
  }
  return from.x + (to.x - from.x) * (3 * low ** 2 - 2 * low ** 3);
}

/** Everything moved so that it begins at the margin. */
function framed(nodes, edges, { isWide }) {
  const labels = edges.map((each) => each.label).filter(Boolean);
  const left = Math.min(...nodes.map(({ x }) => x), ...labels.map(({ x, width }) => x - width / 2));
  const top = Math.min(...nodes.map(({ y }) => y), ...labels.map(({ y }) => y - LABEL_HEIGHT / 2));
  const right = Math.max(...nodes.map(({ x, width }) => x + width), ...labels.map(({ x, width }) => x + width / 2));
  const bottom = Math.max(...nodes.map(({ y, height }) => y + height), ...labels.map(({ y }) => y + LABEL_HEIGHT / 2));
  const margin = isWide ? { x: MARGIN, y: 12 } : { x: 6, y: MARGIN };
  const moved = (point) => { point.x += margin.x - left; point.y += margin.y - top; };
  [...nodes, ...labels].forEach(moved);
  for (const { points } of edges) points.flat().forEach(moved);
  return { nodes, edges, isWide, width: Math.ceil(right - left + 2 * margin.x), height: Math.ceil(bottom - top + 2 * margin.y) };
}
