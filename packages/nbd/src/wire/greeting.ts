/**
 * The first words of a fixed newstyle connection (NBD protocol document, "Newstyle negotiation").
 *
 *     server   0  8  "NBDMAGIC"
 *              8  8  "IHAVEOPT"
 *             16  2  handshake flags
 *     client   0  4  client flags
 */
import { NbdError } from "../nbd-error.ts";

/** Handshake flag bit 0, and the client's answer to it. */
const fixedNewstyle = 1;
/** Bit 1, and the client's answer: EXPORT_NAME is answered without 124 zeros at the end. */
const noZeroes = 2;

export const greeting: Buffer = Buffer.from(
  `NBDMAGICIHAVEOPT\0${String.fromCharCode(fixedNewstyle | noZeroes)}`,
);

/** Length of the client's half. */
export const clientFlagsLength = 4;

export interface ClientFlags {
  readonly fixedNewstyle: boolean;
  readonly noZeroes: boolean;
}

/** @throws NbdError `NBD_PROTOCOL` for a flag that the server did not offer, as "Client flags" demands. */
export function parseClientFlags(bytes: Buffer): ClientFlags {
  const flags = bytes.readUInt32BE(0);
  if (flags > (fixedNewstyle | noZeroes)) {
    throw new NbdError("NBD_PROTOCOL", `unknown client flags 0x${flags.toString(16)}, expected 0 to 3`);
  }
  return { fixedNewstyle: (flags & fixedNewstyle) !== 0, noZeroes: (flags & noZeroes) !== 0 };
}
