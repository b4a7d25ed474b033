import type { Socket } from "node:net";
import { PeerInput } from "./peer-input.ts";
import { PeerOutput } from "./peer-output.ts";

/** The other end of a connection: a plain socket, or TLS over one. */
export interface Peer {
  readonly stream: Socket;
  readonly input: PeerInput;
  readonly output: PeerOutput;
}

export function peerOf(stream: Socket): Peer {
  return { stream, input: new PeerInput(stream), output: new PeerOutput(stream) };
}
