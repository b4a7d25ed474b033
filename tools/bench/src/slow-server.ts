import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A web server in this process, as far away as is said, that counts what it is asked. */
export interface SlowServer {
  readonly url: string;
  /** Since it was last asked for: requests for bytes, and bytes sent. */
  readonly takeCounts: () => { readonly requests: number; readonly bytes: number };
  readonly close: () => Promise<void>;
}

/** Serves the files of a folder by ranges. Each answer begins `latency` milliseconds after its request. */
export async function startSlowServer(folder: string, latency: number): Promise<SlowServer> {
  let counts = { requests: 0, bytes: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      await sleep(latency);
      const path = join(folder, basename(request.url ?? ""));
      const { size } = statSync(path);
      const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
      const start = Number(from);
      const end = Math.min(to === "" ? Infinity : Number(to), size - 1);
      const length = end + 1 - start;
      const status = request.headers.range === undefined ? 200 : 206;
      response.writeHead(status, {
        etag: '"one"',
        "accept-ranges": "bytes",
        "content-length": length,
        ...(status === 206 ? { "content-range": `bytes ${start}-${end}/${size}` } : {}),
      });
      if (request.method === "HEAD") return response.end();
      counts.requests++;
      const file = createReadStream(path, { start, end });
      file.on("data", (chunk) => (counts.bytes += chunk.length));
      response.on("close", () => file.destroy());
      return file.pipe(response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a server on a TCP port it is this
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    takeCounts: () => {
      const taken = counts;
      counts = { requests: 0, bytes: 0 };
      return taken;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
