// Zero bytes as LZMA2, by formula: no engine spends time on them, and they are known again by their bytes.
//
//   data      chunk chunk ... chunk  00
//   chunk     control | raw length - 1, low 16 bits, u16 | packed length - 1, u16 | properties, in the first one | code
//   control   E0 in the first of a block (resets the dictionary and all else, brings properties), C0 in the first after
//             other chunks (all but the dictionary), then A0 (resets the state); its low 5 bits are the high bits of
//             raw length - 1
//
// Every chunk but the last has 2 MiB, and the same code: one literal 0, single bytes by the last distance, and then
// matches of 273 bytes by the last distance, which after a reset is 1. Properties 0: no contexts.
import {
  afterRep,
  afterShortRep,
  evenProbability,
  isMatch,
  isRep,
  isRep0,
  isRep0Long,
  lengthHigh,
  literals,
  longestMatch,
  probabilityCount,
  repLength,
  stateCount,
} from "./model.ts";
import type { Parts } from "../parts.ts";
import { RangeEncoder } from "./range-encoder.ts";

/** The most that an LZMA2 chunk can hold. */
const chunkLength = 1 << 21;
const firstControl = 0xe0;
const laterControl = 0xc0;
const nextControl = 0xa0;
const headerLength = 5;
const properties = 0;
const positionStride = 16;

const endMarker = Uint8Array.of(0);

/** Packs `rawLength` zero bytes, 1 at least, as all that a block holds. */
export function packZeros(rawLength: number): Uint8Array {
  return new Uint8Array(Buffer.concat([...zeroChunks(rawLength, firstControl), endMarker]));
}

/** Packs `before` zero bytes, then what `data` holds, which are LZMA2 data, then `after` zero bytes. Copies no data. */
export function surroundWithZeros(before: number, data: Parts, after: number): Parts {
  const chunks = data.filter(({ length }) => length > 0);
  const last = chunks.pop() ?? endMarker;
  const rest = last.subarray(0, last.length - endMarker.length);
  return [
    ...zeroChunks(before, firstControl),
    ...chunks,
    rest,
    ...zeroChunks(after, laterControl),
    endMarker,
  ];
}

/** Costs a 273rd part of 2 MiB, once for a chunk of each length. */
function zeroChunks(rawLength: number, control: number): Uint8Array[] {
  const codes = new Map<number, Uint8Array>();
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < rawLength; offset += chunkLength) {
    const length = Math.min(chunkLength, rawLength - offset);
    const code = codes.get(length) ?? encodeZeros(length);
    codes.set(length, code);
    parts.push(chunkHeader(offset === 0 ? control : nextControl, length, code.length), code);
  }
  return parts;
}

/** Whether `data` may be the beginning of what {@link packZeros} makes: spares working out the rest. */
export function beginsAsZeros(data: Uint8Array): boolean {
  const [control = 0] = data;
  return control >= firstControl && data[headerLength] === properties;
}

function chunkHeader(control: number, rawLength: number, codeLength: number): Uint8Array {
  const withProperties = control !== nextControl;
  const header = new Uint8Array(headerLength + (withProperties ? 1 : 0));
  const view = new DataView(header.buffer);
  header[0] = control | ((rawLength - 1) >> 16);
  view.setUint16(1, (rawLength - 1) & 0xffff);
  view.setUint16(3, codeLength - 1);
  if (withProperties) header[headerLength] = properties;
  return header;
}

function encodeZeros(length: number): Uint8Array {
  const probabilities = new Uint16Array(probabilityCount).fill(evenProbability);
  const encoder = new RangeEncoder();
  const put = (index: number, bit: number): void => encoder.bit(probabilities, index, bit);
  put(isMatch, 0);
  encoder.tree(probabilities, literals, 8, 0);
  let state = 0;
  const putRep = (long: number): void => {
    put(isMatch + state * positionStride, 1);
    put(isRep + state, 1);
    put(isRep0 + state, 0);
    put(isRep0Long + state * positionStride, long);
  };
  for (let count = (length - 1) % longestMatch; count > 0; count--) {
    putRep(0);
    state = afterShortRep(state);
  }
  for (let count = Math.floor((length - 1) / longestMatch); count > 0; count--) {
    putRep(1);
    put(repLength, 1);
    put(repLength + 1, 1);
    encoder.tree(probabilities, repLength + lengthHigh, 8, 0xff);
    state = afterRep(state);
  }
  if (state >= stateCount) throw new Error("internal error: no such state");
  return encoder.finish();
}
