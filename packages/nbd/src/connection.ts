import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { NbdLimits } from "./limits.ts";
import { NbdError } from "./nbd-error.ts";
import type { NbdEventListener } from "./nbd-event.ts";
import { negotiate } from "./negotiate.ts";
import type { Agreement, Offer } from "./negotiation.ts";
import { type Peer, peerOf } from "./peer.ts";
import type { Guest, SharedGate } from "./shared-gate.ts";
import type { TlsUpgrade } from "./tls.ts";
import { transmit } from "./transmit.ts";
import { requestLength } from "./wire/request.ts";

/** What all connections of a server have in common. */
export interface House {
  readonly offer: Offer;
  readonly limits: NbdLimits;
  readonly sharedGate: SharedGate;
  readonly upgrade: TlsUpgrade | undefined;
  readonly onEvent: NbdEventListener;
}

/**
 * One client, from the greeting to the last byte.
 *
 *     handshake --> transmission --> leaving --> ended
 *         |                             ^          ^
 *         |                             +-- close, fault
 *         +-- refusal, fault, close, too slow -----+
 */
export class Connection {
  readonly #house: House;
  readonly #number: number;
  readonly #socket: Socket;
  readonly #gone = new AbortController();
  #peer: Peer;
  #phase: "handshake" | "transmission" | "leaving" = "handshake";
  #closing = false;
  #saidGoodbye = false;
  #fault: Error | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** Resolves when the socket is closed and nothing is under way in the export. */
  readonly ended: Promise<void>;

  constructor(house: House, number: number, socket: Socket) {
    this.#house = house;
    this.#number = number;
    this.#socket = socket;
    this.#peer = this.#watched(peerOf(socket));
    this.ended = this.#run();
  }

  /** Ends a handshake at once, and a transmission when what is under way is done and answered. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#phase === "handshake") this.#abandon();
    else this.#leave();
    this.#peer.input.interrupt(new NbdError("NBD_CLIENT_GONE", "the server is being closed"));
  }

  async #run(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    try {
      await this.#converse();
    } catch (error) {
      // What the clock had to say comes first: the rest follows from it.
      if (!this.#closing) this.#fault ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#leave();
    this.#peer.stream.destroySoon();
    await closed;
    clearTimeout(this.#deadline);
    this.#sayGoodbye();
  }

  async #converse(): Promise<void> {
    this.#allow(this.#house.limits.handshakeMilliseconds, "the handshake");
    const attached = await negotiate(this.#peer, {
      ...this.#house,
      onSecured: (peer) => this.#secured(peer),
      onRefused: (option, reason) =>
        this.#house.onEvent({ kind: "option-refused", connection: this.#number, option, reason }),
    });
    if (attached === undefined || this.#closing) return;
    clearTimeout(this.#deadline);
    this.#phase = "transmission";
    await this.#transmit(attached.agreement);
  }

  async #transmit(agreement: Agreement): Promise<void> {
    const { exported, structured, allocation } = agreement;
    const connection = this.#number;
    this.#house.onEvent({ kind: "attached", connection, exportName: exported.name, structured, allocation });
    await transmit(this.#peer, {
      agreement,
      limits: this.#house.limits,
      sharedGate: this.#house.sharedGate,
      share: { guest: this.#guest(), bytes: 0 },
      signal: this.#gone.signal,
      onLeaving: (saidGoodbye) => {
        this.#saidGoodbye = saidGoodbye;
        this.#leave();
      },
      onFailed: ({ command, offset, length }, reason, error) =>
        this.#house.onEvent({
          kind: "request-failed",
          connection,
          command,
          offset,
          length,
          reason,
          ...(error === undefined ? {} : { error }),
        }),
    });
  }

  #guest(): Guest {
    const { input, output } = this.#peer;
    return {
      idleSince: () => {
        // While only the next request is waited for, the client owes nothing.
        const isSending = input.wanted > requestLength;
        if (!isSending && !output.owing) return undefined;
        return Math.max(output.lastMoved, isSending ? input.lastMoved : 0);
      },
      evict: () =>
        this.#cutOff(
          `the client moved next to nothing in ${this.#house.limits.stallMilliseconds} ms, while others waited`,
        ),
    };
  }

  #secured(peer: Peer): void {
    this.#peer = this.#watched(peer);
    const protocol = peer.stream instanceof TLSSocket ? (peer.stream.getProtocol() ?? "") : "";
    this.#house.onEvent({ kind: "secured", connection: this.#number, protocol });
  }

  #watched(peer: Peer): Peer {
    const gone = (): void => this.#gone.abort();
    // A reset is no more than a client that is gone; without a listener it would end the process.
    peer.stream.on("error", gone).once("close", gone);
    // After a goodbye the end is only good manners, and replies are still awaited.
    peer.stream.once("end", () => this.#saidGoodbye || gone());
    return peer;
  }

  /** From here on the client has a limited time to take what it is still owed. */
  #leave(): void {
    if (this.#phase === "leaving") return;
    this.#phase = "leaving";
    this.#allow(this.#house.limits.closeMilliseconds, "taking its last replies");
  }

  #allow(milliseconds: number, what: string): void {
    clearTimeout(this.#deadline);
    const reason = `the client was not through ${what} in ${milliseconds} ms`;
    this.#deadline = setTimeout(() => this.#cutOff(reason), milliseconds);
  }

  #cutOff(reason: string): void {
    this.#fault ??= new NbdError("NBD_CLIENT_SLOW", reason);
    this.#abandon();
  }

  #abandon(): void {
    this.#gone.abort();
    this.#peer.stream.destroy();
    this.#socket.destroy();
  }

  #sayGoodbye(): void {
    const { bytesRead, bytesWritten } = this.#socket;
    this.#house.onEvent({
      kind: "disconnected",
      connection: this.#number,
      bytesRead,
      bytesWritten,
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
    });
  }
}
