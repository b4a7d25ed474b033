import { RecentCache } from "@bootstamp/byte-source";

/** How much is fetched and kept, in bytes. `blockLength` divides `requestLength`. */
export interface BlockSizes {
  readonly blockLength: number;
  readonly requestLength: number;
  readonly keptLength: number;
  /** Requests at the same time. */
  readonly parallel: number;
}

/** The bytes of a range of the file as they come. */
export type FetchRange = (offset: number, length: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** A block that was asked for and is not there yet. */
interface Wanted {
  readonly index: number;
  readonly resolve: (block: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
  /** Who waits for it; a block that is read ahead is waited for by the fetcher itself. */
  waiting: number;
  request: Request | undefined;
}

/** Neighbouring blocks that are being fetched. */
interface Request {
  readonly wanted: readonly Wanted[];
  readonly controller: AbortController;
}

/**
 * Fetches blocks of a file, each once for all who ask at the same time, neighbours by one request, and keeps the last.
 *
 * Blocks that wait for a connection are joined with those that are asked for in the meantime; so many small reads at
 * the same time come to few requests.
 */
export class BlockFetcher {
  readonly #length: number;
  readonly #sizes: BlockSizes;
  readonly #fetch: FetchRange;
  readonly #blocks: RecentCache<number, Uint8Array>;
  readonly #wanted = new Map<number, Wanted>();
  /** Those of the wanted that no request fetches yet, in the order in which they were asked for. */
  readonly #queue = new Map<number, Wanted>();
  #active = 0;
  #isStarting = false;

  constructor(length: number, sizes: BlockSizes, fetch: FetchRange) {
    this.#length = length;
    this.#sizes = sizes;
    this.#fetch = fetch;
    this.#blocks = new RecentCache(sizes.keptLength, (block) => block.length);
  }

  /** Keeps a block that came by itself. */
  put(index: number, block: Uint8Array): void {
    void this.#blocks.get(index, async () => block);
  }

  /** Fetches a block before it is asked for. Failures show when it is. */
  prefetch(index: number): void {
    if (this.#blocks.has(index)) return;
    this.#want(index).catch(() => undefined);
  }

  /** The block, which others see too: not to be changed. @throws what fetching throws, and the signal's reason. */
  async get(index: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const block = this.#want(index);
    if (signal === undefined) return await block;
    const { promise, reject } = Promise.withResolvers<never>();
    const leave = (): void => {
      this.#leave(index, signal.reason);
      reject(signal.reason);
    };
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await Promise.race([block, promise]);
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  async #want(index: number): Promise<Uint8Array> {
    const block = this.#blocks.get(index, async () => await this.#enqueue(index));
    const wanted = this.#wanted.get(index);
    if (wanted !== undefined) wanted.waiting++;
    return await block;
  }

  #enqueue(index: number): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const wanted: Wanted = { index, resolve, reject, waiting: 0, request: undefined };
    this.#wanted.set(index, wanted);
    this.#queue.set(index, wanted);
    this.#startSoon();
    return promise;
  }

  /** One who waited for a block does so no longer. When all have left, it is not fetched. */
  #leave(index: number, reason: unknown): void {
    const wanted = this.#wanted.get(index);
    if (wanted === undefined || --wanted.waiting > 0) return;
    if (wanted.request === undefined) return this.#drop(wanted, reason);
    const outstanding = wanted.request.wanted.filter((each) => this.#wanted.get(each.index) === each);
    if (outstanding.some(({ waiting }) => waiting > 0)) return;
    for (const each of outstanding) this.#drop(each, reason);
    wanted.request.controller.abort(reason);
  }

  /** Forgets a block at once, so that whoever asks next does not get the reason of one who left. */
  #drop(wanted: Wanted, reason: unknown): void {
    if (this.#wanted.get(wanted.index) !== wanted) return;
    this.#wanted.delete(wanted.index);
    this.#queue.delete(wanted.index);
    this.#blocks.delete(wanted.index);
    wanted.reject(reason);
  }

  /** After whoever asks now has asked for all that it wants. */
  #startSoon(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    setImmediate(() => {
      this.#isStarting = false;
      this.#start();
    });
  }

  #start(): void {
    while (this.#active < this.#sizes.parallel && this.#queue.size > 0) {
      const request: Request = { wanted: this.#takeRun(), controller: new AbortController() };
      for (const wanted of request.wanted) wanted.request = request;
      this.#active++;
      void this.#perform(request).then(() => {
        this.#active--;
        return this.#start();
      });
    }
  }

  /** The block that waits for longest, and its neighbours in the queue as far as one request goes. */
  #takeRun(): Wanted[] {
    const [first = 0] = this.#queue.keys();
    const most = this.#sizes.requestLength / this.#sizes.blockLength;
    let from = first;
    let to = first + 1;
    while (to - from < most && this.#queue.has(from - 1)) from--;
    while (to - from < most && (this.#queue.has(to) || this.#fillGap(to))) to++;
    const run: Wanted[] = [];
    for (let index = from; index < to; index++) {
      const wanted = this.#queue.get(index);
      if (wanted !== undefined) run.push(wanted);
      this.#queue.delete(index);
    }
    return run;
  }

  /** One block between two that are wanted is fetched with them: it costs less than another request. */
  #fillGap(index: number): boolean {
    if (!this.#queue.has(index + 1) || this.#blocks.has(index)) return false;
    this.prefetch(index);
    return true;
  }

  async #perform({ wanted, controller }: Request): Promise<void> {
    try {
      await this.#receive(wanted, controller.signal);
    } catch (error) {
      for (const each of wanted) this.#drop(each, error);
    }
  }

  async #receive(wanted: readonly Wanted[], signal: AbortSignal): Promise<void> {
    const { blockLength } = this.#sizes;
    const offset = (wanted[0]?.index ?? 0) * blockLength;
    const end = Math.min(this.#length, offset + wanted.length * blockLength);
    let block = new Uint8Array();
    let at = offset;
    for await (const chunk of this.#fetch(offset, end - offset, signal)) {
      for (let done = 0; done < chunk.length;) {
        const within = at % blockLength;
        if (within === 0) block = new Uint8Array(Math.min(blockLength, end - at));
        const part = chunk.subarray(done, done + block.length - within);
        block.set(part, within);
        done += part.length;
        at += part.length;
        if (within + part.length === block.length)
          this.#arrived(wanted[Math.floor((at - 1 - offset) / blockLength)], block);
      }
    }
  }

  #arrived(wanted: Wanted | undefined, block: Uint8Array): void {
    if (wanted === undefined || this.#wanted.get(wanted.index) !== wanted) return;
    this.#wanted.delete(wanted.index);
    wanted.resolve(block);
  }
}
