import type { Server } from "node:net";
import { describeAddress, type NbdAddress, type NbdListener, nbdPort } from "./nbd-address.ts";
import { NbdError } from "./nbd-error.ts";
import { hasCode, listenAt, listenPrivately } from "./unix-socket.ts";

/** Where a server listens, and how to clear up once it does no more. */
export interface Listening {
  readonly address: NbdAddress;
  readonly remove: () => Promise<void>;
}

/** Makes `server` listen. @throws NbdError `NBD_ADDRESS_IN_USE`, `NBD_SOCKET_PATH`, `NBD_LISTEN_FAILED`. */
export async function listen(server: Server, listener: NbdListener): Promise<Listening> {
  if (listener.kind === "tcp") {
    const { host = "127.0.0.1", port = nbdPort } = listener;
    return listenOnPort(server, { kind: "tcp", host, port });
  }
  try {
    const socket =
      listener.kind === "unix" ? await listenAt(server, listener.path) : await listenPrivately(server);
    return { address: { kind: "unix", path: socket.path }, remove: socket.remove };
  } catch (error) {
    throw error instanceof NbdError ? error : cannotListen(describeListener(listener), error);
  }
}

function describeListener(listener: NbdListener): string {
  return listener.kind === "unix" ? listener.path : "a private socket";
}

async function listenOnPort(server: Server, wanted: NbdAddress & { kind: "tcp" }): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    server.listen({ host: wanted.host, port: wanted.port }, resolve);
    await promise;
  } catch (error) {
    throw cannotListen(describeAddress(wanted), error);
  } finally {
    server.off("error", reject);
  }
  const bound = server.address();
  const port = bound !== null && typeof bound === "object" ? bound.port : wanted.port;
  return { address: { ...wanted, port }, remove: async () => undefined };
}

function cannotListen(address: string, error: unknown): NbdError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = hasCode(error, "EADDRINUSE") ? "NBD_ADDRESS_IN_USE" : "NBD_LISTEN_FAILED";
  return new NbdError(code, `cannot listen on ${address}: ${reason}`, { address }, { cause: error });
}
