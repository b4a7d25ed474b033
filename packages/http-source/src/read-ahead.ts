/** Blocks `from` to `to`, `to` not among them. */
export interface BlockSpan {
  readonly from: number;
  readonly to: number;
}

interface Reader {
  /** The block behind the last one that was read. */
  next: number;
  /** Blocks before this one were asked for. */
  until: number;
  /** How many blocks to be ahead by. */
  window: number;
}

const maxReaders = 4;

/**
 * Finds readers that go forward and says what they will want next: twice as much each time, up to a limit.
 *
 * Up to four readers are told apart; the one that was not seen for longest makes room for a new one.
 */
export class ReadAhead {
  readonly #readers: Reader[] = [];
  readonly #maxWindow: number;

  /** `maxWindow` in blocks. */
  constructor(maxWindow: number) {
    this.#maxWindow = maxWindow;
  }

  /** Takes note that `read` was read, and returns what to fetch beside it. */
  note(read: BlockSpan): BlockSpan | undefined {
    const index = this.#readers.findIndex(({ next, until }) => read.from >= next - 1 && read.from <= until);
    const reader = this.#readers[index] ?? { next: read.to, until: read.to, window: 0 };
    if (index >= 0) this.#readers.splice(index, 1);
    this.#readers.unshift(reader);
    this.#readers.length = Math.min(this.#readers.length, maxReaders);
    return index >= 0 && read.to > reader.next ? this.#advance(reader, read) : undefined;
  }

  #advance(reader: Reader, { from, to }: BlockSpan): BlockSpan | undefined {
    reader.next = to;
    reader.until = Math.max(reader.until, to);
    reader.window = Math.min(this.#maxWindow, Math.max(reader.window * 2, to - from, 2));
    // Not a block at a time: requests are to be few and large.
    if (reader.until - to > reader.window / 2) return undefined;
    const ahead = { from: reader.until, to: to + reader.window };
    reader.until = ahead.to;
    return ahead;
  }
}
