import { createServer, type Server, type Socket } from "node:net";
import { Connection, type House } from "./connection.ts";
import { defaultLimits, type NbdLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { describeAddress, type NbdAddress, type NbdListener, nbdUri } from "./nbd-address.ts";
import type { NbdEventListener } from "./nbd-event.ts";
import { exportsByName, type NbdExport } from "./nbd-export.ts";
import { SharedGate } from "./shared-gate.ts";
import { type NbdTls, prepareTls } from "./tls.ts";

/** What to serve, where, and to whom. */
export interface NbdServeRequest {
  /** Each under its own name. An export named "" is what clients get that ask for none. */
  readonly exports: Iterable<NbdExport>;
  readonly listener: NbdListener;
  /** Without it there is no TLS. */
  readonly tls?: NbdTls;
  /** Where the defaults do not fit. */
  readonly limits?: Partial<NbdLimits>;
  /** Hears what happens, as it happens. Must not throw. */
  readonly onEvent?: NbdEventListener;
}

/** A server that listens. */
export interface NbdServer {
  readonly address: NbdAddress;
  /** Connections at the moment, also those in their handshake. */
  readonly connections: number;
  /** The URI of an export, by default of the one named "". */
  uri(exportName?: string): string;
  /**
   * Listens no more, ends idle connections, waits for requests under way and their replies (no longer than
   * `closeMilliseconds` for a client to take them, but for every write to be done), and removes the socket. The
   * exports stay open: nothing is flushed. Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

/**
 * Serves exports over NBD, and resolves when clients can connect.
 *
 * Speaks the fixed newstyle protocol with structured replies, base:allocation, TLS, and every command but those of
 * extended headers and RESIZE. A client that is slow, breaks the protocol or vanishes harms its own connection alone, but
 * that others may have to wait for what they want beyond `ownBytes` while it has much under way; see {@link NbdLimits}.
 * @throws NbdError `NBD_EXPORT_INVALID`, `NBD_TLS_INVALID`, `NBD_ADDRESS_IN_USE`, `NBD_SOCKET_PATH`, `NBD_LISTEN_FAILED`.
 */
export async function serve(request: NbdServeRequest): Promise<NbdServer> {
  const { tls, onEvent = () => undefined } = request;
  const limits = { ...defaultLimits, ...request.limits };
  const house: House = {
    offer: { exports: exportsByName(request.exports), tls: tls?.mode ?? "off" },
    limits,
    sharedGate: new SharedGate(limits),
    upgrade: tls === undefined ? undefined : prepareTls(tls),
    onEvent,
  };
  const connections = new Set<Connection>();
  // Half-open: a client may close its half after its goodbye, and still be owed replies.
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
  server.on("connection", acceptInto(connections, house));
  const listening = await listen(server, request.listener);
  server.on("error", (error) => onEvent({ kind: "listener-failed", error }));
  let closed: Promise<void> | undefined;
  return {
    address: listening.address,
    get connections() {
      return connections.size;
    },
    uri: (exportName = "") => nbdUri(listening.address, exportName, house.offer.tls),
    close: async () => (closed ??= closeAll(server, connections, listening.remove)),
  };
}

function acceptInto(connections: Set<Connection>, house: House): (socket: Socket) => void {
  let number = 0;
  return (socket) => {
    const peer = describePeer(socket);
    if (connections.size >= house.limits.connections) {
      // Without a listener, a peer that resets before it is turned away would end the process.
      socket.on("error", () => undefined).destroy();
      return house.onEvent({ kind: "turned-away", peer });
    }
    house.onEvent({ kind: "connected", connection: ++number, peer });
    const connection = new Connection(house, number, socket);
    connections.add(connection);
    void connection.ended.finally(() => connections.delete(connection));
  };
}

function describePeer({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined || remotePort === undefined
    ? "a Unix socket"
    : describeAddress({ kind: "tcp", host: remoteAddress, port: remotePort });
}

async function closeAll(
  server: Server,
  connections: ReadonlySet<Connection>,
  remove: () => Promise<void>,
): Promise<void> {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  for (const connection of connections) connection.close();
  await Promise.all([...connections].map((connection) => connection.ended));
  await stopped;
  await remove();
}
