/** The longest READ or WRITE that is served, in bytes: what clients assume of a server that says nothing. */
export const maxRequestLength: number = 32 * 1024 * 1024;

/** Bytes that an export may hold at a time while it carries out a CACHE, whatever the length of that. */
export const maxCacheHold: number = 1 << 20;

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
  /** Time that a connection has, once the server closes or the client said goodbye, to take its last replies. */
  readonly closeMilliseconds: number;
}

export const defaultLimits: NbdLimits = {
  connections: 64,
  handshakeMilliseconds: 10_000,
  optionLength: 64 * 1024,
  requests: 256,
  requestBytes: maxRequestLength,
  closeMilliseconds: 10_000,
};
