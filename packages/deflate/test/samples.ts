// Raw bytes that lead an encoder where faults would be.
import { mixedBytes, randomBytes, textBytes } from "@bootstamp/format-contract";

const mebibyte = 1 << 20;
const window = 32_768;

export const samples: readonly (readonly [name: string, raw: Uint8Array])[] = [
  ["one byte", Uint8Array.of(7)],
  ["three bytes", Uint8Array.of(1, 2, 3)],
  ["four that are the same", new Uint8Array(4)],
  ["a mebibyte of zeros", new Uint8Array(mebibyte)],
  ["a mebibyte of noise", randomBytes(mebibyte)],
  ["a mebibyte of text", textBytes(mebibyte)],
  ["zeros, text and noise", mixedBytes(mebibyte)],
  ["nothing that comes twice", shiftRegister(mebibyte - 1)],
  ["counters of four bytes", counters(500_000)],
  ["noise that comes again as far back as a match may reach", repeated(randomBytes(window), 20)],
  ["noise that comes again one byte too far back", repeated(randomBytes(window + 1), 20)],
  ["matches of 258 bytes between noise", islands(258, 400)],
  ["matches of 3 bytes between noise", islands(3, 40_000)],
  ["runs of every length up to 600", runs(600)],
  ["codes of every length", fibonacciBytes(27)],
  ["every second byte a zero", interleaved(400_000)],
  ["blocks of different kinds", patchwork(58)],
  [
    "noise that is longer than a stored block, then one byte",
    Buffer.concat([randomBytes(65_536), Uint8Array.of(0)]),
  ],
];

/** Bytes of a shift register of 20 bits, of which no three come again before 2^20. */
function shiftRegister(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (state >>> 1) ^ ((state & 1) * 0x9_0000);
    return state;
  });
}

function counters(length: number): Uint8Array {
  return new Uint8Array(Uint32Array.from({ length: length / 4 }, (_, index) => index * 3).buffer);
}

function repeated(part: Uint8Array, times: number): Uint8Array {
  return Buffer.concat(Array.from({ length: times }, () => part));
}

/** The same bytes of `length` again and again, with noise of its own before each. */
function islands(length: number, count: number): Uint8Array {
  const island = randomBytes(length, 99);
  const noise = randomBytes(count * 9, 5);
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => [
      noise.subarray(index * 9, index * 9 + 1 + (index % 9)),
      island,
    ]).flat(),
  );
}

function runs(longest: number): Uint8Array {
  return Buffer.concat(Array.from({ length: longest }, (_, index) => Buffer.alloc(index + 1, index)));
}

/** Each byte as often as a Fibonacci number says, which makes the deepest trees, in an order without repetitions. */
export function fibonacciBytes(symbols: number): Uint8Array {
  const bytes: number[] = [];
  for (
    let [symbol, count, next] = [0, 1, 1];
    symbol < symbols;
    [symbol, count, next] = [symbol + 1, next, count + next]
  ) {
    for (let each = 0; each < count; each++) bytes.push(symbol);
  }
  const order = new Uint32Array(randomBytes(4 * bytes.length, 3).slice().buffer);
  const shuffled = bytes.map((byte, index) => ({ byte, place: order[index] ?? 0 }));
  return Uint8Array.from(
    shuffled.toSorted((a, b) => a.place - b.place).slice(0, mebibyte),
    ({ byte }) => byte,
  );
}

function interleaved(length: number): Uint8Array {
  const noise = randomBytes(length, 8);
  return noise.map((byte, index) => (index % 2 === 0 ? 0 : byte));
}

function patchwork(patches: number): Uint8Array {
  const kinds = [randomBytes, textBytes, (length: number) => new Uint8Array(length)];
  return Buffer.concat(
    Array.from(
      { length: patches },
      (_, index) => kinds[index % 3]?.(3000 + 500 * index, index + 1) ?? new Uint8Array(),
    ),
  );
}
