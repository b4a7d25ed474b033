import { Fault } from "@bootstamp/fault";

/** Every code of {@link NbdError}; docs/ERRORS.md gives cause and cure. */
export const nbdErrorCodes = [
  /** An export cannot be offered as it is. Fields: `exportName`. */
  "NBD_EXPORT_INVALID",
  /** Somebody else serves at the address. Fields: `address`. */
  "NBD_ADDRESS_IN_USE",
  /** The path of a Unix socket is too long, or something that is no socket is there. Fields: `path`. */
  "NBD_SOCKET_PATH",
  /** The system refuses to listen. Fields: `address`. */
  "NBD_LISTEN_FAILED",
  /** Certificate, key or pre-shared keys cannot be used. */
  "NBD_TLS_INVALID",
  /** The command of a captive server could not be started. Fields: `command`. */
  "NBD_COMMAND_NOT_STARTED",
  /** For exports to throw: what is asked is not allowed here. Becomes EPERM. */
  "NBD_NOT_PERMITTED",
  /** For exports to throw: there is no room left. Becomes ENOSPC. */
  "NBD_NO_SPACE",
  /** An export answered a read with another number of bytes than asked for. Fields: `expected`, `got`. */
  "NBD_READ_LENGTH",
  /** A client broke the protocol. In events alone. */
  "NBD_PROTOCOL",
  /** A client went away in the middle of something. In events alone. */
  "NBD_CLIENT_GONE",
  /**
   * A client did not get through the handshake, or take its last replies, in time; or it kept others waiting. In events
   * alone.
   */
  "NBD_CLIENT_SLOW",
  /** A client could not agree on TLS. In events alone. */
  "NBD_TLS_FAILED",
] as const;

export type NbdErrorCode = (typeof nbdErrorCodes)[number];

export class NbdError extends Fault<NbdErrorCode> {}
