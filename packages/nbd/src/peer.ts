import type { Socket } from "node:net";
import { PeerInput } from "./peer-input.ts";

/** The other end of a connection: a plain socket, or TLS over one. */
export interface Peer {
  readonly stream: Socket;
  readonly input: PeerInput;
}

export function peerOf(stream: Socket): Peer {
  return { stream, input: new PeerInput(stream) };
}

/**
 * Sends `pieces` as one vector, without copying them, and resolves when they are in the system's hands, or when there
 * is nobody to send to any more: whoever reads next learns of that.
 */
export async function send({ stream }: Peer, pieces: readonly Uint8Array[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.cork();
  for (const [index, piece] of pieces.entries()) {
    if (index < pieces.length - 1) stream.write(piece);
    else stream.write(piece, () => resolve());
  }
  stream.uncork();
  await promise;
}
