import type { Segment } from "@bootstamp/segment-map";

/** The parts of long segments that reads fell into last, so that what is read again is not decoded again. */
export class KeptParts {
  readonly #most: number;
  /** The newest last. */
  readonly #parts: KeptPart[] = [];
  #length = 0;

  /** @param most bytes of all parts together; the last part is kept however long it is. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The kept bytes from `within` of a segment to the end of their part; undefined where there are none. */
  from(segment: Segment, within: number): Uint8Array | undefined {
    const index = this.#parts.findLastIndex((each) => holds(each, segment, within));
    const [part] = index < 0 ? [] : this.#parts.splice(index, 1);
    if (part === undefined) return undefined;
    this.#parts.push(part);
    return part.bytes.subarray(within - part.within);
  }

  clear(): void {
    this.#parts.length = 0;
    this.#length = 0;
  }

  /** Takes a part, which must not change any more, at byte `within` of a segment. */
  keep(segment: Segment, within: number, bytes: Uint8Array): void {
    this.#parts.push({ segment, within, bytes });
    this.#length += bytes.length;
    while (this.#length > this.#most && this.#parts.length > 1) {
      this.#length -= this.#parts.shift()?.bytes.length ?? 0;
    }
  }
}

interface KeptPart {
  readonly segment: Segment;
  readonly within: number;
  readonly bytes: Uint8Array;
}

function holds(part: KeptPart, segment: Segment, within: number): boolean {
  return part.segment === segment && within >= part.within && within < part.within + part.bytes.length;
}
