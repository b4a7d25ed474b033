// Keeps a gateway running for as long as its standard input is open. Prints how to reach it, one line of JSON. The word
// `swift` behind the script's name makes it Swift's, otherwise it is Ceph's.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringUpCeph } from "./bring-up-ceph.ts";
import { bringUpSwift } from "./bring-up-swift.ts";
import { Daemons } from "./daemons.ts";

const folder = await mkdtemp(join(tmpdir(), "bootstamp-s3-"));
const daemons = new Daemons();
let isEnding = false;

async function end(status: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  await daemons.kill();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(status);
}

process.stdin.on("end", () => void end(0)).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(0));
// Whoever started this is gone already when the pipe is broken.
process.stdout.on("error", () => void end(0));
process.stderr.on("error", () => void end(0));

try {
  const bringUp = process.argv[2] === "swift" ? bringUpSwift : bringUpCeph;
  const facts = await bringUp(folder, daemons);
  console.log(JSON.stringify(facts));
} catch (error) {
  if (!isEnding) console.error(error instanceof Error ? error.message : error);
  await end(1);
}
