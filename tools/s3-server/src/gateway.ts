import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { GatewayFacts } from "./gateway-facts.ts";

/** What has to be installed for {@link startGateway}; hand it to `requires`. */
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

/** What has to be installed for {@link startSwift}. */
export const swiftTools: readonly string[] = [
  "/usr/bin/python3",
  "setpriv",
  "swift-account-server",
  "swift-container-server",
  "swift-object-server",
  "swift-proxy-server",
];

/** A Ceph RADOS Gateway: an S3 server that is not ours, on loopback, its objects in memory. */
export interface Gateway extends GatewayFacts, AsyncDisposable {
  /** Stops it and removes all that it wrote. */
  stop(): Promise<void>;
}

const keeperScript = fileURLToPath(new URL("gateway-keeper.ts", import.meta.url));

/**
 * Starts the gateway of Ceph, which takes about 15 seconds.
 *
 * A process of its own keeps it, and ends it as soon as the pipe to this process closes: so nothing is left running
 * when a test fails, or is killed.
 */
export async function startGateway(): Promise<Gateway> {
  return await start("ceph");
}

/** {@link startGateway} for the gateway of Swift, which is quicker to start. Its files are on the disk. */
export async function startSwift(): Promise<Gateway> {
  return await start("swift");
}

async function start(which: "ceph" | "swift"): Promise<Gateway> {
  const keeper = spawn(process.execPath, [keeperScript, which], {
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
