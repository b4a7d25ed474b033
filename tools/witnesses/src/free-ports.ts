import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that Linux gives out by itself (ip_local_port_range), to connections and to servers that take any. */
const [lowest, end] = [20_000, 32_768];

/**
 * Ports of loopback that nobody listened on a moment ago, each another, for servers that are told theirs: until they
 * listen, nobody is given one who did not ask for it.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(lowest, end);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = once(server, "listening");
  server.listen(port, "127.0.0.1");
  try {
    await listening;
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
