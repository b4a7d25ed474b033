import { inflateRawSync } from "node:zlib";
import { inflateRaw } from "pako";

/** Two blocks: "mark", stored, and an empty one that is final. */
const marked = Buffer.from("000400fbff6d61726b0300", "hex");

/** What a piece comes to. Throws unless what follows it is read as well, so that no block of it is final. */
export function inflated(packed: Uint8Array): Uint8Array {
  return withoutMark(inflateRawSync(Buffer.concat([packed, marked])));
}

/** The same by pako. */
export function inflatedByPako(packed: Uint8Array): Uint8Array {
  return withoutMark(inflateRaw(Buffer.concat([packed, marked])));
}

function withoutMark(raw: Uint8Array): Uint8Array {
  if (Buffer.from(raw.subarray(-4)).toString() !== "mark")
    throw new Error("the mark behind the piece is not read");
  return raw.subarray(0, -4);
}
