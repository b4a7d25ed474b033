// The deflate encoder of @bootstamp/deflate, in AssemblyScript; ../build/compile-encoder.ts makes WebAssembly of it.
//
// Integers only, one piece a call, and nothing is kept from call to call: the same bytes whatever came before, on every
// machine. Bytes behind a piece may be left from another one, and may be read, but decide nothing.
import { startWriting, writeAt } from "./bit-writer";
import { putFlush } from "./block";
import { startBlocks } from "./block-split";
import { maxLength, packed, raw } from "./buffers";
import { startCosts } from "./costs";
import { startRows } from "./match-rows";
import { parse } from "./parse";

/** Offset in memory of the raw bytes, room for 2^20. */
export function rawOffset(): usize {
  return raw;
}

/** Offset in memory of the packed bytes. */
export function packedOffset(): usize {
  return packed;
}

/** Deflates the first `length` raw bytes, 1 to 2^20, and returns how many packed bytes they come to. */
export function deflate(length: i32, depth: i32, lazyBelow: u32, enough: i32): i32 {
  if (length < 1 || length > maxLength) unreachable();
  startWriting();
  startRows();
  startCosts();
  startBlocks();
  parse(length, depth, lazyBelow, enough);
  putFlush();
  return <i32>(writeAt - packed);
}
