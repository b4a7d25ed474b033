// Where blocks end: a chunk of tokens goes into the block before it unless two codes would do better than one.
import { putBlock } from "./block";
import { raw } from "./buffers";
import { setCosts } from "./costs";
import { costUnit, log2 } from "./log2";
import { firstDistance, symbolCount } from "./symbols";
import { blockTokens, chunkFrequencies, tokens } from "./tokens";

const frequencyBytes: i32 = 4 * symbolCount;
/** How often each symbol occurs in the block, u32. */
const blockFrequencies: usize = memory.data(frequencyBytes, 16);

/** What a header takes, by measure: so much, and so much for each symbol that the chunk uses. In 256ths of a bit. */
const headerCost: u32 = 50 * costUnit;
const symbolCost: u32 = 3 * costUnit;

let blockStart: usize = raw;
/** The chunk's first token, and the first byte that it stands for. */
export let chunkTokensStart: usize = tokens;
let chunkStart: usize = raw;
let blockCost: u32 = 0;

export function startBlocks(): void {
  memory.fill(chunkFrequencies, 0, frequencyBytes);
  memory.fill(blockFrequencies, 0, frequencyBytes);
  blockStart = raw;
  chunkStart = raw;
  chunkTokensStart = tokens;
  blockCost = 0;
}

/** Ends the chunk of the tokens up to `tokensEnd`, which stand for the bytes up to `to`. Returns where tokens go on. */
export function endChunk(tokensEnd: usize, to: usize): usize {
  if (tokensEnd === chunkTokensStart) return tokensEnd;
  compareCosts();
  const tooLong = <u32>(tokensEnd - tokens) >> 2 > blockTokens;
  let end = tokensEnd;
  if (chunkTokensStart !== tokens && (tooLong || jointCost > blockCost + chunkCost + addedHeader)) {
    putBlock(chunkTokensStart, blockFrequencies, blockStart, chunkStart);
    blockStart = chunkStart;
    blockCost = chunkCost;
    memory.copy(blockFrequencies, chunkFrequencies, frequencyBytes);
    memory.copy(tokens, chunkTokensStart, tokensEnd - chunkTokensStart);
    end = tokens + (tokensEnd - chunkTokensStart);
  } else {
    blockCost = jointCost;
    addChunk();
  }
  setCosts(blockFrequencies);
  memory.fill(chunkFrequencies, 0, frequencyBytes);
  chunkTokensStart = end;
  chunkStart = to;
  return end;
}

/** Ends the last chunk, and the block. */
export function endBlocks(tokensEnd: usize, to: usize): void {
  const end = endChunk(tokensEnd, to);
  putBlock(end, blockFrequencies, blockStart, to);
}

function addChunk(): void {
  for (let at: usize = 0; at < <usize>frequencyBytes; at += 4)
    store<u32>(blockFrequencies + at, load<u32>(blockFrequencies + at) + load<u32>(chunkFrequencies + at));
}

let chunkCost: u32 = 0;
let jointCost: u32 = 0;
let addedHeader: u32 = 0;

/** The cost of n symbols in an ideal code is n log n less the sum of f log f over their frequencies f. */
function compareCosts(): void {
  chunkCost = 0;
  jointCost = 0;
  addedHeader = headerCost;
  compareCostsOf(0, firstDistance);
  compareCostsOf(firstDistance, symbolCount);
}

function compareCostsOf(first: usize, end: usize): void {
  let inChunk: u32 = 0;
  let inBoth: u32 = 0;
  for (let at = first << 2; at < end << 2; at += 4) {
    const frequency = load<u32>(chunkFrequencies + at);
    const both = frequency + load<u32>(blockFrequencies + at);
    inBoth += both;
    jointCost -= product(both);
    if (frequency === 0) continue;
    inChunk += frequency;
    chunkCost -= product(frequency);
    addedHeader += symbolCost;
  }
  chunkCost += product(inChunk);
  jointCost += product(inBoth);
}

@inline
function product(frequency: u32): u32 {
  return frequency === 0 ? 0 : frequency * log2(frequency);
}
