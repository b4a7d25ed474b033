// Lengths of a Huffman code whose longest is limited. RFC 1951 §3.2.2.
//
// The lengths of an unlimited code come from Moffat and Katajainen's method, which works in place on sorted
// frequencies. What is too long is cut to the limit, which takes more room than a code has; then codes of the limit
// pair up with shorter ones, each time the longest there is, until all fit. The rarest symbols get the longest codes.
import { sortAscending } from "./sort";
import { symbolCount } from "./symbols";

export const longestCode: i32 = 15;

/** Symbol and frequency as `frequency << 9 | symbol`, so that equal frequencies have an order too. */
const ranked: usize = memory.data(4 * symbolCount, 16);
const symbolBits: u32 = 9;
const symbolMask: u32 = (1 << symbolBits) - 1;
/** First frequencies, then parents, then depths. */
const tree: usize = memory.data(4 * symbolCount, 16);
/** How many codes have each length, u32. */
const lengthCounts: usize = memory.data(4 * (longestCode + 1), 16);

/**
 * Puts the code length of each of `count` symbols to `lengths`, u8, from their frequencies, u32, below 2^22.
 * Symbols that do not occur get 0. The code is complete and has two symbols at least, as some decoders want it.
 */
export function setCodeLengths(frequencies: usize, count: i32, limit: i32, lengths: usize): void {
  memory.fill(lengths, 0, count);
  const used = rankSymbols(frequencies, count);
  if (used < 2) {
    const symbol: u32 = used === 0 ? 0 : load<u32>(ranked) & symbolMask;
    store<u8>(lengths + symbol, 1);
    store<u8>(lengths + (symbol === 0 ? 1 : 0), 1);
    return;
  }
  buildTree(used);
  countLengths(used, limit);
  fitIntoLimit(limit);
  let at = ranked;
  for (let length = limit; length > 0; length--) {
    for (let left = get(lengthCounts, length); left > 0; left--, at += 4)
      store<u8>(lengths + (load<u32>(at) & symbolMask), length);
  }
}

@inline
function get(table: usize, index: i32): u32 {
  return load<u32>(table + (index << 2));
}

@inline
function set(table: usize, index: i32, value: u32): void {
  store<u32>(table + (index << 2), value);
}

function rankSymbols(frequencies: usize, count: i32): i32 {
  let used: i32 = 0;
  for (let symbol: i32 = 0; symbol < count; symbol++) {
    const frequency = get(frequencies, symbol);
    if (frequency > 0) set(ranked, used++, (frequency << symbolBits) | symbol);
  }
  sortAscending(ranked, used);
  for (let index: i32 = 0; index < used; index++) set(tree, index, get(ranked, index) >> symbolBits);
  return used;
}

let leaf: i32 = 0;
let root: i32 = 0;

/** Joins the two lightest until one is left, and leaves each inner node's depth in `tree[0..used - 2]`. */
function buildTree(used: i32): void {
  leaf = 0;
  root = 0;
  for (let node: i32 = 0; node < used - 1; node++) {
    const first = takeLightest(node, used);
    const second = takeLightest(node, used);
    set(tree, node, first + second);
  }
  set(tree, used - 2, 0);
  for (let node = used - 3; node >= 0; node--) set(tree, node, get(tree, get(tree, node)) + 1);
}

/** Weight of the lighter of the next leaf and the next inner node; an inner node gets `parent` instead of its weight. */
function takeLightest(parent: i32, used: i32): u32 {
  const inner = root < parent && (leaf >= used || get(tree, root) < get(tree, leaf));
  if (!inner) return get(tree, leaf++);
  const weight = get(tree, root);
  set(tree, root++, parent);
  return weight;
}

/** Counts leaves by depth; what is deeper than `limit` counts there. */
function countLengths(used: i32, limit: i32): void {
  memory.fill(lengthCounts, 0, 4 * (longestCode + 1));
  let node = used - 2;
  let nodes: i32 = 1;
  for (let depth: i32 = 0; nodes > 0; depth++) {
    let inner: i32 = 0;
    for (; node >= 0 && get(tree, node) === depth; node--) inner++;
    const length = min(depth, limit);
    set(lengthCounts, length, get(lengthCounts, length) + nodes - inner);
    nodes = 2 * inner;
  }
}

/** A code of the limit is given up, and one that is shorter becomes two that are longer by one, while there is too much. */
function fitIntoLimit(limit: i32): void {
  let taken: u32 = 0;
  for (let length: i32 = 1; length <= limit; length++) taken += get(lengthCounts, length) << (limit - length);
  for (; taken > <u32>1 << limit; taken--) {
    let length = limit - 1;
    while (get(lengthCounts, length) === 0) length--;
    set(lengthCounts, limit, get(lengthCounts, limit) - 1);
    set(lengthCounts, length, get(lengthCounts, length) - 1);
    set(lengthCounts, length + 1, get(lengthCounts, length + 1) + 2);
  }
}
