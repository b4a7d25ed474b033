import { openHttpStream } from "@bootstamp/http-source";
import { expect, test } from "vitest";
import { FileServer, firstTimes, quick, someBytes, type Fault } from "./file-server.ts";

const bytes = someBytes(500_000);

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Sends 200 and breaks off after some bytes. */
function breakOff(after: number, headers: Record<string, string> = {}): Fault {
  return (request, response) => {
    response.writeHead(200, { etag: '"one"', "content-length": "500000", ...headers });
    response.write(bytes.subarray(0, after), () => request.socket.destroy());
    return true;
  };
}

const withoutRanges: (server: FileServer) => Fault = (server) => (request, response) => {
  delete request.headers.range;
  server.answer(request, response);
  return true;
};

test("reads a file as a whole from a server that knows no ranges", async () => {
  await using server = await FileServer.start(bytes);
  server.fault = withoutRanges(server);
  const stream = await openHttpStream(server.url, quick);
  expect(stream).toMatchObject({ length: bytes.length, etag: '"one"', name: server.url });
  expect(Buffer.compare(await readAll(stream), bytes)).toBe(0);
  expect(stream.counters).toEqual({ requests: 1, bytes: bytes.length, retries: 0 });
  expect(server.ranges).toEqual([undefined]);
});

test("a file of a length that the server does not say", async () => {
  await using server = await FileServer.start(bytes);
  server.fault = (_, response) => {
    response.writeHead(200).write(bytes.subarray(0, 1000));
    response.end(bytes.subarray(1000));
    return true;
  };
  const stream = await openHttpStream(server.url, quick);
  expect(stream.length).toBeUndefined();
  expect(Buffer.compare(await readAll(stream), bytes)).toBe(0);
});

test("a file of no bytes", async () => {
  await using server = await FileServer.start(new Uint8Array());
  expect(await readAll(await openHttpStream(server.url, quick))).toHaveLength(0);
});

test("a connection that is lost is taken up again", async () => {
  await using server = await FileServer.start(bytes);
  server.fault = firstTimes(1, breakOff(200_000));
  const stream = await openHttpStream(server.url, quick);
  expect(Buffer.compare(await readAll(stream), bytes)).toBe(0);
  expect(server.ranges).toEqual([undefined, "bytes=200000-499999"]);
});

test("and again, as long as it gets on, however often and however long that takes", async () => {
  await using server = await FileServer.start(bytes);
  server.fault = (request, response) => {
    const from = Number(/=(\d+)/.exec(request.headers.range ?? "=0")?.[1]);
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-499999/500000` };
    response.writeHead(from === 0 ? 200 : 206, {
      etag: '"one"',
      "content-length": `${500_000 - from}`,
      ...range,
    });
    // Each takes longer than there is for all tries.
    const cut = (): void => void setTimeout(() => request.socket.destroy(), 100);
    response.write(bytes.subarray(from, from + 70_000), cut);
    return true;
  };
  const stream = await openHttpStream(server.url, { ...quick, tries: 2, retryTime: 50 });
  expect(Buffer.compare(await readAll(stream), bytes)).toBe(0);
  expect(server.requests).toHaveLength(8);
});

test.each<[string, Record<string, string>, string, (server: FileServer) => Fault]>([
  [
    "the file is another by then",
    {},
    "HTTP_CHANGED",
    (server) => (request, response) => {
      server.headers = { etag: '"two"' };
      server.answer(request, response);
      return true;
    },
  ],
  ["the server knows no ranges", {}, "HTTP_NO_RANGES", withoutRanges],
])("but not where %s", async (_, headers, code, later) => {
  await using server = await FileServer.start(bytes);
  server.fault = firstTimes(1, breakOff(200_000, headers));
  const stream = await openHttpStream(server.url, quick);
  server.fault = later(server);
  await expect(readAll(stream)).rejects.toMatchObject({ code });
});

test("nor where the server does not say which version it sends", async () => {
  await using server = await FileServer.start(bytes);
  server.fault = (request, response) => {
    response.writeHead(200, { "content-length": "500000" });
    response.write(bytes.subarray(0, 1000), () => request.socket.destroy());
    return true;
  };
  const stream = await openHttpStream(server.url, quick);
  await expect(readAll(stream)).rejects.toMatchObject({
    code: "HTTP_CUT_SHORT",
    fields: { got: 1000, expected: 500_000 },
  });
});

test.each<[string, Fault, string]>([
  [
    "an encoding",
    (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end("x");
      return true;
    },
    "HTTP_ENCODED",
  ],
  [
    "a part",
    (_, response) => {
      response.writeHead(206, { "content-range": "bytes 0-0/2" }).end("x");
      return true;
    },
    "HTTP_STATUS",
  ],
  [
    "nothing",
    (_, response) => {
      response.writeHead(404).end("x");
      return true;
    },
    "HTTP_NOT_FOUND",
  ],
])("refuses %s", async (_, fault, code) => {
  await using server = await FileServer.start(bytes);
  server.fault = fault;
  await expect(openHttpStream(server.url, { ...quick, tries: 2 })).rejects.toMatchObject({ code });
});

test("time that the reader takes is not the server's", async () => {
  await using server = await FileServer.start(bytes);
  const stream = await openHttpStream(server.url, { ...quick, stallTime: 1000, tries: 1 });
  let length = 0;
  for await (const chunk of stream) {
    if (length === 0) await new Promise((resolve) => setTimeout(resolve, 1200));
    length += chunk.length;
  }
  expect(length).toBe(bytes.length);
});

test("leaving early closes the connection", async () => {
  await using server = await FileServer.start(bytes);
  const closed = Promise.withResolvers<void>();
  server.fault = (_, response) => {
    response.once("close", closed.resolve);
    response.writeHead(200, { "content-length": "500000" }).write(bytes.subarray(0, 1000));
    return true;
  };
  for await (const chunk of await openHttpStream(server.url, quick)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await closed.promise;
});
