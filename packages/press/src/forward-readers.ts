/** Tells reads of those who go forward from reads at random, for up to so many readers. */
export class ForwardReaders {
  readonly #most = 8;
  /** Who goes forward with several reads at a time does not ask in order, nor for every byte. */
  readonly #gap = 256 << 10;
  /** Where the last reads ended, the newest first. */
  readonly #ends: ReadEnd[] = [];

  /** Takes note of a read, and says whether it goes on where one ended, into another segment. */
  note(offset: number, end: ReadEnd): boolean {
    const index = this.#ends.findIndex((before) => Math.abs(offset - before.offset) <= this.#gap);
    const [before] = index < 0 ? [] : this.#ends.splice(index, 1);
    this.#ends.unshift(end);
    this.#ends.length = Math.min(this.#ends.length, this.#most);
    return before !== undefined && before.segment < end.segment;
  }
}

interface ReadEnd {
  readonly offset: number;
  /** Index of the last segment that was read in. */
  readonly segment: number;
}
