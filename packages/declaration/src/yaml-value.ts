import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type Node,
  type Pair,
  type YAMLMap,
} from "yaml";
import type { ComplainAt } from "./declaration-kind.ts";
import { quote } from "./quote.ts";

/** Aliases repeat what they name: this bounds what a small file can expand to ("billion laughs"). */
const nodeLimit = 500_000;
/** The deepest sensible declaration has ten levels. */
const depthLimit = 64;

/** A map's pairs by their key, which is text: looked up once per position. */
export type PairIndex = ReadonlyMap<string, Pair>;

/** What a document's nodes come to, and how to find the node of a value again. */
export interface PlainTree {
  /** Null-prototype objects, arrays, strings, numbers, booleans, null. */
  readonly value: unknown;
  readonly pairs: WeakMap<YAMLMap, PairIndex>;
  readonly targets: WeakMap<Alias, Node>;
}

interface Walk {
  readonly noun: string;
  readonly complain: ComplainAt;
  readonly pairs: WeakMap<YAMLMap, PairIndex>;
  readonly targets: WeakMap<Alias, Node>;
  /** Anchors seen so far, in document order: an alias means the last one before it (YAML 1.2.2 §7.1). */
  readonly anchors: Map<string, Node>;
  nodes: number;
  tooDeep: boolean;
}

/**
 * Turns a YAML tree into plain values. Complains of: a key twice, a key that is no plain text, tags, merge keys, aliases
 * to nothing or to what encloses them, more than 64 levels, more than 500,000 nodes. Linear in what it returns.
 */
export function toPlainTree(root: Node | null, noun: string, complain: ComplainAt): PlainTree {
  const walk: Walk = {
    noun,
    complain,
    pairs: new WeakMap(),
    targets: new WeakMap(),
    anchors: new Map(),
    nodes: 0,
    tooDeep: false,
  };
  const value = plainValue(walk, root, 0);
  return { value, pairs: walk.pairs, targets: walk.targets };
}

function plainValue(walk: Walk, node: unknown, depth: number): unknown {
  const offset = startOf(node);
  walk.nodes += 1;
  if (walk.nodes === nodeLimit + 1)
    walk.complain("too-large", offset, `more than ${nodeLimit} values, counting what aliases repeat`);
  if (depth > depthLimit && !walk.tooDeep)
    walk.complain(
      "too-large",
      offset,
      `nested more than ${depthLimit} levels deep, or an alias to what encloses it`,
    );
  walk.tooDeep ||= depth > depthLimit;
  if (walk.nodes > nodeLimit || depth > depthLimit) return null;
  if (isAlias(node)) return plainValue(walk, aliased(walk, node), depth + 1);
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  if (node.tag !== undefined)
    walk.complain("syntax", offset, `the tag ${node.tag} is not used in a ${walk.noun}`);
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => plainValue(walk, item, depth + 1));
  return plainMap(walk, node, depth);
}

function aliased(walk: Walk, alias: Alias): Node | undefined {
  // An alias is met again when one that encloses it is expanded; it keeps its first meaning.
  const target = walk.targets.get(alias) ?? walk.anchors.get(alias.source);
  if (target === undefined)
    walk.complain("syntax", startOf(alias), `the alias *${alias.source} names no anchor before it`);
  else walk.targets.set(alias, target);
  return target;
}

function plainMap(walk: Walk, map: YAMLMap, depth: number): unknown {
  const value: Record<string, unknown> = Object.create(null);
  const pairs = new Map<string, Pair>();
  walk.pairs.set(map, pairs);
  for (const pair of map.items) {
    const key = keyText(walk, pair.key);
    if (key === undefined) continue;
    if (pairs.has(key)) walk.complain("syntax", startOf(pair.key), `the key ${quote(key)} is there twice`);
    pairs.set(key, pair);
    value[key] = plainValue(walk, pair.value, depth + 1);
  }
  return value;
}

function keyText(walk: Walk, key: unknown): string | undefined {
  const text = isScalar(key) ? (typeof key.value === "string" ? key.value : key.source) : undefined;
  if (isScalar(key) && key.anchor !== undefined) walk.anchors.set(key.anchor, key);
  if (text === undefined || text === "") walk.complain("syntax", startOf(key), "a key must be plain text");
  else if (text === "<<") walk.complain("syntax", startOf(key), `merge keys "<<" are not part of YAML 1.2`);
  else if (text === "__proto__") walk.complain("syntax", startOf(key), `"__proto__" cannot be a key`);
  else return text;
  return undefined;
}

/** The offset of a node's first character; 0 for what has none. */
export function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  return isScalar(node) || isAlias(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
}
