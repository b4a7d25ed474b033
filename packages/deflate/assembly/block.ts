// One block, in the way that takes the fewest bits. RFC 1951 §3.2.3. No block here is the final one.
import { pending, pendingCount, putBits, putStored, setWriter, writeAt } from "./bit-writer";
import {
  codes,
  dataBits,
  distanceCodes,
  lengthCodes,
  setBlockCodes,
  setDynamicLengths,
  setFixedLengths,
} from "./block-codes";
import { codeLengthShift, codeMask } from "./codes";
import { planHeader, putHeader } from "./dynamic-header";
import { endOfBlock } from "./symbols";
import { distanceShift, lengthShift, tokens } from "./tokens";

const typeBits: u32 = 3;
const fixedType: u32 = 1 << 1;
const dynamicType: u32 = 2 << 1;
/** LEN is 16 bits. */
const longestStored: u32 = 65535;

/** Writes the block of the tokens up to `tokensEnd`, which stand for the bytes `from..to`. Adds the end to `frequencies`. */
export function putBlock(tokensEnd: usize, frequencies: usize, from: usize, to: usize): void {
  store<u32>(frequencies + 4 * endOfBlock, 1);
  setFixedLengths();
  const fixed = typeBits + dataBits(frequencies);
  setDynamicLengths(frequencies);
  const dynamic = typeBits + planHeader() + dataBits(frequencies);
  if (storedBits(<u32>(to - from)) <= min(fixed, dynamic)) {
    putAllStored(from, to);
    return;
  }
  if (fixed <= dynamic) {
    setFixedLengths();
    putBits(fixedType, typeBits);
  } else {
    putBits(dynamicType, typeBits);
    putHeader();
  }
  setBlockCodes();
  putTokens(tokensEnd);
}

/** An empty stored block: what follows begins at a byte, and nothing before it is the end. */
export function putFlush(): void {
  putStored(0, 0);
}

/** With all that the padding may take. */
function storedBits(length: u32): u32 {
  const blocks = (length + longestStored - 1) / longestStored;
  return 8 * length + blocks * (typeBits + 7 + 32);
}

function putAllStored(from: usize, to: usize): void {
  for (let at = from; at < to; at += longestStored) putStored(at, min(longestStored, <u32>(to - at)));
}

/** A match takes 15 + 5 + 15 + 13 bits at most, so that one write a token is enough. */
function putTokens(end: usize): void {
  let bits = pending;
  let count = pendingCount;
  let out = writeAt;
  for (let at = tokens; at < end; at += 4) {
    const token = load<u32>(at);
    const length = load<u32>(lengthCodes + ((token >> lengthShift) << 2));
    bits |= (<u64>(length & codeMask)) << count;
    count += length >> codeLengthShift;
    const distance = load<u32>(distanceCodes + (((token >> distanceShift) & 31) << 2));
    const extra = (token & ((1 << distanceShift) - 1)) << ((distance >> 16) & 31);
    bits |= (<u64>((distance & 0xffff) | extra)) << count;
    count += distance >> 24;
    store<u64>(out, bits);
    out += <usize>(count >> 3);
    bits >>= count & ~7;
    count &= 7;
  }
  setWriter(out, bits, count);
  const code = load<u32>(codes + 4 * endOfBlock);
  putBits(code & codeMask, code >> codeLengthShift);
}
