import { createServer, type AddressInfo } from "node:net";
import { HttpError, openHttpSource, type HttpSourceOptions } from "@bootstamp/http-source";
import { describe, expect, test } from "vitest";
import { FileServer, firstTimes, quick, someBytes, type Fault } from "./file-server.ts";

const bytes = someBytes(300_000);
const small: HttpSourceOptions = { ...quick, blockLength: 64 << 10, requestLength: 1 << 20, tries: 3 };

/** Opens a file on a good server, does `fault` to it from then on, and reads the rest. */
async function readThrough(
  fault: Fault,
  options: HttpSourceOptions = {},
): Promise<{ server: FileServer; read: Promise<Uint8Array> }> {
  const server = await FileServer.start(bytes);
  const source = await openHttpSource(server.url, { ...small, ...options });
  server.fault = fault;
  const read = source.read(64 << 10, bytes.length - (64 << 10)).finally(async () => {
    source.close();
    await server[Symbol.asyncDispose]();
  });
  return { server, read };
}

const rest = bytes.slice(64 << 10);

/** An answer that says it holds `range`, and holds the wanted bytes and `extra` more. */
function misleading(headers: Record<string, string>, status = 206, extra = 0): Fault {
  return (_, response) => {
    const given = { etag: '"one"', "content-range": `bytes 65536-299999/300000`, ...headers };
    response.writeHead(status, given).end(Buffer.concat([rest, Buffer.alloc(extra)]));
    return true;
  };
}

describe("an answer that is not what was asked for is an error at once", () => {
  test.each<[string, string, Fault]>([
    ["from another offset", "HTTP_BAD_ANSWER", misleading({ "content-range": "bytes 0-234463/300000" })],
    [
      "beyond what was asked for",
      "HTTP_BAD_ANSWER",
      misleading({ "content-range": "bytes 65536-300000/300001" }),
    ],
    [
      "a range that makes no sense",
      "HTTP_BAD_ANSWER",
      misleading({ "content-range": "bytes 70000-65536/300000" }),
    ],
    [
      "a range beyond its own file",
      "HTTP_BAD_ANSWER",
      misleading({ "content-range": "bytes 65536-299999/1000" }),
    ],
    [
      "an endless number",
      "HTTP_BAD_ANSWER",
      misleading({ "content-range": `bytes 65536-${"9".repeat(15)}/${"9".repeat(16)}` }),
    ],
    ["a range of no bytes", "HTTP_BAD_ANSWER", misleading({ "content-range": "items 1-2/3" })],
    [
      "no range",
      "HTTP_BAD_ANSWER",
      (_, response) => {
        response.writeHead(206, { etag: '"one"' }).end(rest);
        return true;
      },
    ],
    ["several parts", "HTTP_BAD_ANSWER", misleading({ "content-type": "multipart/byteranges; boundary=x" })],
    ["a length that lies", "HTTP_BAD_ANSWER", misleading({ "content-length": "300000" })],
    ["more than it announced", "HTTP_BAD_ANSWER", misleading({}, 206, 1)],
    [
      "a whole length that is not known",
      "HTTP_NO_LENGTH",
      misleading({ "content-range": "bytes 65536-299999/*" }),
    ],
    ["an encoding", "HTTP_ENCODED", misleading({ "content-encoding": "gzip" })],
    ["the whole file", "HTTP_NO_RANGES", misleading({}, 200)],
    ["another file by its ETag", "HTTP_CHANGED", misleading({ etag: '"two"' })],
    [
      "another file by its length",
      "HTTP_CHANGED",
      misleading({ "content-range": "bytes 65536-299999/300001" }),
    ],
    ["another file, whole", "HTTP_CHANGED", misleading({ etag: '"two"' }, 200)],
    ["that the file is another", "HTTP_CHANGED", misleading({}, 412)],
    ["that the file is shorter", "HTTP_CHANGED", misleading({ "content-range": "bytes */1000" }, 416)],
    ["that there is none", "HTTP_NOT_FOUND", misleading({}, 404)],
    ["that it is gone", "HTTP_NOT_FOUND", misleading({}, 410)],
    ["that we may not", "HTTP_DENIED", misleading({}, 403)],
    ["that it wants a password", "HTTP_DENIED", misleading({}, 401)],
    ["that it wants money", "HTTP_STATUS", misleading({}, 402)],
    ["with no status of HTTP", "HTTP_STATUS", misleading({}, 299)],
  ])("%s", async (_, code, fault) => {
    const { server, read } = await readThrough(fault);
    await expect(read).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(2);
  });

  test("endless bodies are not read to their end", async () => {
    let sent = 0;
    const { read } = await readThrough((_, response) => {
      response.writeHead(206, { etag: '"one"', "content-range": `bytes 65536-299999/300000` });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16))) sent += 1 << 16;
      };
      response.on("drain", more);
      more();
      return true;
    });
    await expect(read).rejects.toMatchObject({ code: "HTTP_BAD_ANSWER" });
    // What the connection's buffers take beside the range.
    expect(sent).toBeLessThan(64 << 20);
  });

  test("a server that speaks something else", async () => {
    for (const garbage of [
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      `HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`,
    ]) {
      const server = createServer((socket) => socket.on("error", () => undefined).end(garbage));
      await new Promise<void>((resolve) => {
        server.listen(0, "127.0.0.1", resolve);
      });
      const { port } = server.address() as AddressInfo;
      await expect(openHttpSource(`http://127.0.0.1:${port}/x`, small)).rejects.toMatchObject({
        code: "HTTP_BAD_ANSWER",
      });
      server.close();
    }
  });
});

describe("a failure that may pass is tried again", () => {
  test.each([429, 500, 502, 503, 504, 408])("status %d", async (status) => {
    const { server, read } = await readThrough(
      firstTimes(2, (_, response) => {
        response.writeHead(status, { "retry-after": "0" }).end("wait");
        return true;
      }),
    );
    expect(Buffer.compare(await read, rest)).toBe(0);
    expect(server.requests).toHaveLength(4);
  });

  test("a connection that is lost before the answer", async () => {
    const { read } = await readThrough(
      firstTimes(2, (request) => {
        request.socket.destroy();
        return true;
      }),
    );
    expect(Buffer.compare(await read, rest)).toBe(0);
  });

  test("a body that is cut off goes on where it ended", async () => {
    const { server, read } = await readThrough(
      firstTimes(2, (request, response) => {
        const from = Number(/=(\d+)/.exec(request.headers.range ?? "")?.[1]);
        const length = { "content-length": String(bytes.length - from) };
        response.writeHead(206, { ...length, "content-range": `bytes ${from}-299999/300000` });
        response.write(bytes.subarray(from, from + 100_000), () => request.socket.destroy());
        return true;
      }),
    );
    expect(Buffer.compare(await read, rest)).toBe(0);
    expect(server.ranges.slice(1)).toEqual([
      "bytes=65536-299999",
      "bytes=165536-299999",
      "bytes=265536-299999",
    ]);
  });

  test("a server that answers less at a time than asked for is asked for the rest", async () => {
    const { server, read } = await readThrough((request, response) => {
      const from = Number(/=(\d+)/.exec(request.headers.range ?? "")?.[1]);
      const to = Math.min(bytes.length, from + 70_000);
      response
        .writeHead(206, { "content-range": `bytes ${from}-${to - 1}/300000` })
        .end(bytes.subarray(from, to));
      return true;
    });
    expect(Buffer.compare(await read, rest)).toBe(0);
    expect(server.requests).toHaveLength(5);
  });

  test("but not for ever", async () => {
    const refused = await readThrough((_, response) => {
      response.writeHead(503).end();
      return true;
    });
    await expect(refused.read).rejects.toMatchObject({
      code: "HTTP_STATUS",
      message: expect.stringMatching(/answered with status 503 \(given up after 3 tries\)$/),
      fields: { status: 503 },
    });
    const crumbs = await readThrough((request, response) => {
      const from = Number(/=(\d+)/.exec(request.headers.range ?? "")?.[1]);
      response
        .writeHead(206, { "content-range": `bytes ${from}-${from}/300000` })
        .end(bytes.subarray(from, from + 1));
      return true;
    });
    await expect(crumbs.read).rejects.toMatchObject({ code: "HTTP_CUT_SHORT" });
    const cut = await readThrough((request) => {
      request.socket.destroy();
      return true;
    });
    await expect(cut.read).rejects.toMatchObject({
      code: "HTTP_UNREACHABLE",
      fields: { reason: "ECONNRESET" },
    });
  });

  test("at the time that the server gives", async () => {
    const { server, read } = await readThrough(
      firstTimes(1, (_, response) => {
        response.writeHead(503, { "retry-after": new Date(Date.now() - 5000).toUTCString() }).end();
        return true;
      }),
    );
    expect(Buffer.compare(await read, rest)).toBe(0);
    expect(server.requests).toHaveLength(3);
  });

  test("not before the seconds that the server gives", async () => {
    const times: number[] = [];
    const { read } = await readThrough((_, response) => {
      if (times.push(performance.now()) > 1) return false;
      response.writeHead(429, { "retry-after": "1" }).end();
      return true;
    });
    expect(Buffer.compare(await read, rest)).toBe(0);
    const [first = 0, second = 0] = times;
    // Timers may be a little early; without the header it is 10 ms.
    expect(second - first).toBeGreaterThan(950);
  });

  test("nor after a longer wait than there is time for", async () => {
    const { server, read } = await readThrough((_, response) => {
      response.writeHead(429, { "retry-after": "3600" }).end();
      return true;
    });
    await expect(read).rejects.toMatchObject({
      message: expect.stringMatching(/status 429 \(given up after 1 try, asked to wait 3600 s\)$/),
    });
    expect(server.requests).toHaveLength(2);
  });

  test("a server that says nothing", async () => {
    const { server, read } = await readThrough(() => true, { tries: 2, stallTime: 100 });
    await expect(read).rejects.toMatchObject({ code: "HTTP_STALLED" });
    expect(server.requests).toHaveLength(3);
  });

  test("a server that sends a byte now and then", async () => {
    const { read } = await readThrough(
      (_, response) => {
        response.writeHead(206, { "content-range": "bytes 65536-299999/300000" });
        const timer = setInterval(() => response.write("x"), 10);
        response.once("close", () => clearInterval(timer));
        return true;
      },
      { tries: 1, stallTime: 200 },
    );
    await expect(read).rejects.toMatchObject({ code: "HTTP_STALLED" });
  });

  test("a port at which nobody listens", async () => {
    const server = await FileServer.start(bytes);
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const opening = openHttpSource(url, { ...small, tries: 2 });
    await expect(opening).rejects.toMatchObject({
      code: "HTTP_UNREACHABLE",
      fields: { reason: "ECONNREFUSED" },
    });
  });
});

test("after a failure the same bytes can be asked for again", async () => {
  await using server = await FileServer.start(bytes);
  const source = await openHttpSource(server.url, small);
  server.fault = (_, response) => {
    response.writeHead(404).end();
    return true;
  };
  await expect(source.read(200_000, 10)).rejects.toBeInstanceOf(HttpError);
  server.fault = () => false;
  expect(await source.read(200_000, 10)).toEqual(bytes.slice(200_000, 200_010));
  source.close();
});

test("a server that sends only whole files is refused when it is opened", async () => {
  await using server = await FileServer.start(bytes);
  server.fault = (request, response) => {
    delete request.headers.range;
    server.answer(request, response);
    return true;
  };
  await expect(openHttpSource(server.url, small)).rejects.toMatchObject({ code: "HTTP_NO_RANGES" });
});
