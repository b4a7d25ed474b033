import type { NbdLimits } from "./limits.ts";

/** A connection, as the gate sees it. */
export interface Guest {
  /**
   * Since when, by `performance.now()`, the client has moved next to none of the bytes that it is to take or to send;
   * undefined while it is not its turn.
   */
  idleSince(): number | undefined;
  /** Ends the connection, which then leaves with all that it has. May be asked for again. */
  evict(): void;
}

/** What one connection has under way. */
export interface Share {
  readonly guest: Guest;
  bytes: number;
}

type SharedLimits = Pick<NbdLimits, "ownBytes" | "sharedBytes" | "stallMilliseconds">;

interface Waiting {
  readonly share: Share;
  readonly bytes: number;
  readonly admit: () => void;
}

/**
 * Keeps what all connections have under way together within `sharedBytes`, and `ownBytes` more for each of them.
 *
 * What a connection has up to `ownBytes` is not shared: so one that asks for little waits for nobody, whatever the others
 * do. What is beyond waits in the order in which it came, and not for ever: each request that is under way ends by itself
 * in the export, or with its client, and a client that moves next to nothing for `stallMilliseconds` while another
 * connection waits is sent away. Whoever is first in the order comes in at the latest when nobody shares any more.
 *
 * Bytes of a write count from when they were announced, not as they come: clients that had each sent a part of theirs
 * could fill the room between them, and none could go on.
 */
export class SharedGate {
  readonly #limits: SharedLimits;
  readonly #sharing = new Set<Share>();
  #queue: Waiting[] = [];
  #watch: NodeJS.Timeout | undefined;

  constructor(limits: SharedLimits) {
    this.#limits = limits;
  }

  /** Resolves when a request of `bytes` may begin; it is counted from then on. */
  async enter(share: Share, bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#queue.push({ share, bytes, admit: resolve });
    this.#admit();
    await promise;
  }

  leave(share: Share, bytes: number): void {
    this.#set(share, share.bytes - bytes);
    this.#admit();
  }

  #admit(): void {
    const stillWaiting: Waiting[] = [];
    for (const waiting of this.#queue) {
      const { share, bytes, admit } = waiting;
      if (!this.#fits(share, bytes, stillWaiting.length === 0)) {
        stillWaiting.push(waiting);
        continue;
      }
      this.#set(share, share.bytes + bytes);
      admit();
    }
    this.#queue = stillWaiting;
    this.#watchWhile(stillWaiting.length > 0);
  }

  #fits(share: Share, bytes: number, isFirst: boolean): boolean {
    const wanted = this.#beyondOwn(share.bytes + bytes);
    if (wanted === 0) return true;
    const others = [...this.#sharing].reduce(
      (sum, each) => (each === share ? sum : sum + this.#beyondOwn(each.bytes)),
      0,
    );
    return isFirst && (others === 0 || others + wanted <= this.#limits.sharedBytes);
  }

  #beyondOwn(bytes: number): number {
    return Math.max(0, bytes - this.#limits.ownBytes);
  }

  #set(share: Share, bytes: number): void {
    share.bytes = bytes;
    if (this.#beyondOwn(bytes) > 0) this.#sharing.add(share);
    else this.#sharing.delete(share);
  }

  #watchWhile(somebodyWaits: boolean): void {
    if (somebodyWaits) {
      this.#watch ??= setInterval(() => this.#evictIdle(), this.#limits.stallMilliseconds / 4);
      return;
    }
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #evictIdle(): void {
    const before = performance.now() - this.#limits.stallMilliseconds;
    for (const share of this.#sharing) {
      const othersWait = this.#queue.some((waiting) => waiting.share !== share);
      if (othersWait && (share.guest.idleSince() ?? Infinity) <= before) share.guest.evict();
    }
  }
}
