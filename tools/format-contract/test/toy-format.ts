import type { EncodedPiece, SegmentKind, StreamFormat } from "@bootstamp/segment-map";

/** Writes down what it is asked to do, and nothing else. It cannot be read back. */
export const toyFormat: StreamFormat<string> = {
  name: "toy",
  extension: ".toy",
  moduleUrl: import.meta.url,
  storedBlockLength: 1,
  settle: () => ({ engine: "none", engineVersion: "1", level: 1 }),
  plan: (rawLength, stored) => ({
    rawLength,
    stored,
    headLength: 1,
    pieceCount: 3,
    largestPiece: rawLength,
    pieces: () => [
      { rawOffset: 0, rawLength: 5000, stored: false },
      { rawOffset: 5000, rawLength: 15_000, stored: false },
      { rawOffset: 20_000, rawLength: 10_000, stored: true },
    ],
  }),
  encoderMemory: () => 0,
  createEncoder: async () => ({
    compress: async (raw) => note("compressed", raw.length),
    zeros: (rawLength) => note("zero", rawLength),
    store: (raw) => note("stored", raw.length),
  }),
  openFrame: () => {
    const words: string[] = [];
    return {
      add: (written) => void words.push(written.note),
      finish: () => ({ head: Buffer.from("<"), tail: Buffer.from(words.length === 3 ? ">" : "?") }),
    };
  },
  recognises: () => false,
  readMap: unreadable,
  readOutline: unreadable,
  decoderMemory: unreadable,
  decode: unreadable,
  readStored: unreadable,
  seal: unreadable,
  locateStored: unreadable,
  reseal: unreadable,
  planSplice: unreadable,
  pad: unreadable,
  splice: unreadable,
};

function note(kind: SegmentKind, length: number): EncodedPiece<string> {
  const space = kind === "zero" ? "" : " ";
  return { bytes: Buffer.from(`${space}${kind} ${length}`), kind, note: kind };
}

function unreadable(): never {
  throw new Error("a toy cannot be read");
}
