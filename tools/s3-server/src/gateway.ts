import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { GatewayFacts } from "./gateway-facts.ts";

/** What has to be installed; hand it to `requires`. */
export const gatewayTools: readonly string[] = [
  "ceph",
  "ceph-authtool",
  "ceph-mon",
  "ceph-osd",
  "monmaptool",
  "radosgw",
  "radosgw-admin",
  "setpriv",
];

/** A Ceph RADOS Gateway: an S3 server that is not ours, on loopback, its objects in memory. */
export interface Gateway extends GatewayFacts, AsyncDisposable {
  /** Stops it and removes all that it wrote. */
  stop(): Promise<void>;
}

const keeperScript = fileURLToPath(new URL("gateway-keeper.ts", import.meta.url));

/**
 * Starts a gateway, which takes about 15 seconds.
 *
 * A process of its own keeps it, and ends it as soon as the pipe to this process closes: so nothing is left running
 * when a test fails, or is killed.
 */
export async function startGateway(): Promise<Gateway> {
  const keeper = spawn(process.execPath, [keeperScript], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const complaints = text(keeper.stderr);
  const ended = new Promise<void>((resolve) => {
    keeper.once("close", () => resolve());
  });
  const stop = async (): Promise<void> => {
    keeper.stdin.end();
    await ended;
  };
  const facts = await firstLine(keeper);
  if (facts === undefined) {
    await stop();
    throw new Error(`the gateway did not start: ${(await complaints).trim().slice(-4000)}`);
  }
  return { ...facts, stop, [Symbol.asyncDispose]: stop };
}

async function firstLine({ stdout }: ChildProcess): Promise<GatewayFacts | undefined> {
  if (stdout === null) return undefined;
  for await (const line of createInterface({ input: stdout })) {
    const facts: GatewayFacts = JSON.parse(line);
    return facts;
  }
  return undefined;
}
