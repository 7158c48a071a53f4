// Puts the nodes of a graph into layers, so that edges lead forward and cross little.

const SWEEPS = 8; // More change little: see the paper of Gansner and others, A Technique for Drawing Directed Graphs.
const BENDS_MAX = 4000; // With more, edges go straight through what lies between.
const LINKS_MAX = 1500; // Above it two sweeps have to do, so that the page stays quick.

/**
 * {layers, chains}: a layer is a list of slots in order. A slot holds a node, or a bend of an edge that passes by.
 * A chain is the slots that an edge goes through, one a layer.
 */
function layered({ nodes, edges }) {
  const ranks = ranked(nodes, edges);
  const layers = Array.from({ length: Math.max(0, ...ranks) + 1 }, () => []);
  const slotIn = (rank, node) => {
    const slot = { node, rank, before: [], after: [], order: layers[rank].length };
    layers[rank].push(slot);
    return slot;
  };
  const slots = nodes.map((node) => slotIn(ranks[node.index], node));
  const isBending = edges.reduce((count, { source, target }) => count + ranks[target] - ranks[source] - 1, 0) <= BENDS_MAX;
  const chains = edges.map(({ source, target }) => {
    const bends = [];
    for (let rank = ranks[source] + 1; isBending && rank < ranks[target]; rank += 1) bends.push(slotIn(rank, null));
    return [slots[source], ...bends, slots[target]];
  });
  for (const chain of chains) {
    chain.slice(1).forEach((slot, index) => { slot.before.push(chain[index]); chain[index].after.push(slot); });
  }
  return { layers: arranged(layers), chains };
}

/** The layer of each node: one after the last of those that lead to it. */
function ranked(nodes, edges) {
  const ranks = nodes.map(() => 0);
  for (const { source, target } of edges.toSorted((one, other) => one.source - other.source)) {
    ranks[target] = Math.max(ranks[target], ranks[source] + 1);
  }
  return ranks;
}

/** The arrangement with the fewest crossings among those that moving each slot to the middle of its neighbours gives. */
function arranged(layers) {
  const links = layers.flat().reduce((count, slot) => count + slot.after.length, 0);
  const sweeps = links > LINKS_MAX ? 2 : SWEEPS;
  let best = { layers: layers.map((layer) => [...layer]), count: links > LINKS_MAX ? Infinity : crossings(layers) };
  for (let sweep = 0; sweep < sweeps && best.count > 0; sweep += 1) {
    const isForward = sweep % 2 === 0;
    for (const layer of isForward ? layers : layers.toReversed()) reorder(layer, isForward ? "before" : "after");
    const count = links > LINKS_MAX ? 0 : crossings(layers);
    if (count < best.count || links > LINKS_MAX) best = { layers: layers.map((layer) => [...layer]), count: links > LINKS_MAX ? Infinity : count };
  }
  for (const layer of best.layers) layer.forEach((slot, order) => { slot.order = order; });
  return best.layers;
}

function reorder(layer, side) {
  const wish = (slot) => (slot[side].length ? mean(slot[side].map((each) => each.order)) : slot.order);
  const wishes = new Map(layer.map((slot) => [slot, wish(slot)]));
  layer.sort((one, other) => wishes.get(one) - wishes.get(other));
  layer.forEach((slot, order) => { slot.order = order; });
}

function crossings(layers) {
  return layers.reduce((total, layer) => {
    const links = layer.flatMap((slot) => slot.after.map((each) => [slot.order, each.order]));
    return total + links.reduce((count, [from, to], index) => count + links.slice(index + 1).filter(([otherFrom, otherTo]) => (from - otherFrom) * (to - otherTo) < 0).length, 0);
  }, 0);
}

function mean(numbers) {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
