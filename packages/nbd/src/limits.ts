/** The longest READ or WRITE that is served, in bytes: what clients assume of a server that says nothing. */
export const maxRequestLength: number = 32 * 1024 * 1024;

/** Bytes that an export may hold at a time while it carries out a CACHE, whatever the length of that. */
export const maxCacheHold: number = 1 << 20;

/** A client that takes or sends so many bytes, or all that is left, has moved; see {@link NbdLimits.stallMilliseconds}. */
export const leastMove: number = 256 << 10;

/** What a client may make the server hold or wait for. */
export interface NbdLimits {
  /** Connections at a time; one more is closed at once. */
  readonly connections: number;
  /** Time that a client has to get from the greeting to transmission, TLS included. */
  readonly handshakeMilliseconds: number;
  /** Bytes of one option's data; a longer one is skipped and refused. */
  readonly optionLength: number;
  /** Requests of one connection under way, up to the moment that the reply is in the system's hands. */
  readonly requests: number;
  /** Bytes read or written by them together. A single request is let through whatever its length. */
  readonly requestBytes: number;
  /** Of these, what every connection may have whatever the others do. */
  readonly ownBytes: number;
  /** What all connections may have beyond that together; what one wants beyond waits for the others. */
  readonly sharedBytes: number;
  /** While others wait: time in which a client must take or send 256 KiB of a request that is under way. */
  readonly stallMilliseconds: number;
  /** Time that a connection has, once the server closes or the client said goodbye, to take its last replies. */
  readonly closeMilliseconds: number;
}

/** So that requests hold 192 MiB at most, whatever clients do: 64 times 1 MiB, and 128 MiB. */
export const defaultLimits: NbdLimits = {
  connections: 64,
  handshakeMilliseconds: 10_000,
  optionLength: 64 * 1024,
  requests: 256,
  requestBytes: maxRequestLength,
  ownBytes: 1 << 20,
  sharedBytes: 128 << 20,
  stallMilliseconds: 30_000,
  closeMilliseconds: 10_000,
};
