import type { Socket } from "node:net";
import { createSecureContext, createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { NbdError } from "./nbd-error.ts";

/** TLS, as the option STARTTLS begins it. Without it clients are told that there is none. */
export interface NbdTls {
  /** `required` refuses everything but STARTTLS and ABORT before TLS is on; `allowed` leaves it to the client. */
  readonly mode: "allowed" | "required";
  readonly credentials: NbdCertificate | NbdPreSharedKeys;
}

/** The server shows a certificate; all PEM. */
export interface NbdCertificate {
  readonly kind: "certificate";
  readonly certificate: string;
  readonly key: string;
  /** Clients must show a certificate that this authority has signed. Without it every client is let in. */
  readonly clientAuthority?: string;
}

/** Both sides know a key; see {@link parsePreSharedKeys} for files of them. */
export interface NbdPreSharedKeys {
  readonly kind: "pre-shared-keys";
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** Puts TLS over a socket that STARTTLS was acknowledged on. Rejects with `NBD_TLS_FAILED`. */
export type TlsUpgrade = (plain: Socket) => Promise<TLSSocket>;

/** "MUST support TLS version 1.2, SHOULD support any later versions" (protocol document, "TLS versions"). */
const minVersion = "TLSv1.2";

/**
 * Suites for pre-shared keys. Those of TLS 1.3 with SHA-256 alone: a key given without a hash is bound to that one
 * (RFC 8446, section 4.2.11). Those of 1.2 with forward secrecy alone.
 */
const keySuites = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-PSK-CHACHA20-POLY1305",
  "DHE-PSK-AES256-GCM-SHA384",
  "DHE-PSK-AES128-GCM-SHA256",
].join(":");

/** Makes ready for upgrades. @throws NbdError `NBD_TLS_INVALID` where the credentials cannot be used. */
export function prepareTls({ credentials }: NbdTls): TlsUpgrade {
  const options = { ...optionsOf(credentials), minVersion, allowHalfOpen: true } as const;
  try {
    createSecureContext(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NbdError("NBD_TLS_INVALID", `cannot use the TLS credentials: ${reason}`, {}, { cause: error });
  }
  return async (plain) => upgrade(plain, options);
}

function optionsOf(credentials: NbdCertificate | NbdPreSharedKeys): TlsOptions {
  if (credentials.kind === "pre-shared-keys") {
    if (credentials.keys.size === 0) throw new NbdError("NBD_TLS_INVALID", "there are no pre-shared keys");
    return {
      ciphers: keySuites,
      pskCallback: (_socket, identity) => keyView(credentials.keys.get(identity)),
    };
  }
  const { certificate, key, clientAuthority } = credentials;
  if (clientAuthority === undefined) return { cert: certificate, key };
  return { cert: certificate, key, ca: clientAuthority, requestCert: true, rejectUnauthorized: true };
}

function keyView(key: Uint8Array | undefined): NodeJS.ArrayBufferView | null {
  return key ?? null;
}

/** A TLS server that listens nowhere and is given this one connection: what it checks, it checks for all. */
async function upgrade(plain: Socket, options: TlsOptions): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  // An error before anybody else listens for one would end the process.
  const server = createServer(options, (secured) => resolve(secured.on("error", () => undefined)));
  server.once("tlsClientError", (error) => reject(failed(error)));
  plain.once("close", () => reject(failed(undefined)));
  server.emit("connection", plain);
  return promise;
}

function failed(cause: Error | undefined): NbdError {
  const reason = cause?.message ?? "the client left";
  return new NbdError("NBD_TLS_FAILED", `TLS was not agreed on: ${reason}`, {}, { cause });
}

/**
 * Reads the keys of a file as GnuTLS's psktool writes it and nbdkit and qemu read it: a line `identity:key in hex` each.
 * @throws NbdError `NBD_TLS_INVALID` for any other line, by its number, never its text: that may be a key.
 */
export function parsePreSharedKeys(text: string): ReadonlyMap<string, Uint8Array> {
  const keys = new Map<string, Uint8Array>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [, identity, hex] = /^([^:]+):((?:[0-9a-fA-F]{2}){16,})$/.exec(line) ?? [];
    if (identity === undefined || hex === undefined) {
      throw new NbdError(
        "NBD_TLS_INVALID",
        `line ${index + 1} of the pre-shared keys is not an identity, a colon and at least 32 hexadecimal digits`,
      );
    }
    keys.set(identity, Buffer.from(hex, "hex"));
  }
  return keys;
}
