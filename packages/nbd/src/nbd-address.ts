import type { NbdTls } from "./tls.ts";

/** Where to listen. */
export type NbdListener =
  /** A Unix socket with mode 0600. A socket that nobody listens on any more is replaced. */
  | { readonly kind: "unix"; readonly path: string }
  /** TCP: port 10809 of 127.0.0.1 unless told otherwise; port 0 is a free one. */
  | { readonly kind: "tcp"; readonly host?: string; readonly port?: number }
  /** A Unix socket in a folder of its own, which nobody else can enter, and which goes when the server closes. */
  | { readonly kind: "private" };

/** Where a server listens. */
export type NbdAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Registered for NBD (protocol document, "Newstyle negotiation"). */
export const nbdPort = 10_809;

/**
 * The URI by which clients reach an export (NBD URI specification): `nbd://host:port/name` or
 * `nbd+unix:///name?socket=path`, with `nbds` where TLS is required.
 */
export function nbdUri(address: NbdAddress, exportName: string, tlsMode: NbdTls["mode"] | "off"): string {
  const scheme = tlsMode === "required" ? "nbds" : "nbd";
  const name = encode(exportName);
  if (address.kind === "unix") return `${scheme}+unix:///${name}?socket=${encode(address.path)}`;
  const port = address.port === nbdPort ? "" : `:${address.port}`;
  return `${scheme}://${hostInUri(address.host)}${port}/${name}`;
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("%2F", "/");
}

/** A server on every address is reached over the loopback. */
function hostInUri(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

/** For messages: `/run/x.sock`, or `127.0.0.1 port 10809`. */
export function describeAddress(address: NbdAddress): string {
  return address.kind === "unix" ? address.path : `${address.host} port ${address.port}`;
}
