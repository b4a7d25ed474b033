import { openHttpSource } from "@bootstamp/http-source";
import { expect, test } from "vitest";
import { FileServer, quick, someBytes } from "./file-server.ts";

const small = { ...quick, blockLength: 4096, requestLength: 64 << 10 } as const;

test("reads any range", async () => {
  const bytes = someBytes(1_000_003);
  await using server = await FileServer.start(bytes);
  const source = await openHttpSource(server.url, small);
  expect(source.length).toBe(bytes.length);
  expect(source.etag).toBe('"one"');
  expect(source.name).toBe(server.url);
  for (const [offset, length] of [
    [0, 1],
    [4095, 2],
    [300_000, 200_000],
    [1_000_002, 1],
    [7, 0],
    [0, 1_000_003],
  ] as const)
    expect(Buffer.compare(await source.read(offset, length), bytes.subarray(offset, offset + length))).toBe(
      0,
    );
  await expect(source.read(1_000_003, 1)).rejects.toMatchObject({ code: "SOURCE_OUT_OF_RANGE" });
  source.close();
});

test("what is read is the reader's own", async () => {
  await using server = await FileServer.start(someBytes(10_000));
  const source = await openHttpSource(server.url, small);
  (await source.read(0, 100)).fill(0);
  expect(await source.read(0, 100)).toEqual(server.bytes.slice(0, 100));
  source.close();
});

test("a file of no bytes", async () => {
  await using server = await FileServer.start(new Uint8Array());
  const source = await openHttpSource(server.url, quick);
  expect(source.length).toBe(0);
  expect(await source.read(0, 0)).toEqual(new Uint8Array());
  server.fault = (_, response) => {
    response.writeHead(200, { "content-length": "0" }).end();
    return true;
  };
  expect((await openHttpSource(server.url, quick)).length).toBe(0);
});

test("small reads at the same time come to one request, and each block is fetched once", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  const source = await openHttpSource(server.url, small);
  const offsets = Array.from({ length: 100 }, (_, index) => 100_000 + ((index * 37) % 50) * 1000);
  await Promise.all(offsets.map(async (offset) => await source.read(offset, 500)));
  // The reads lie in the blocks from 24 to 36.
  expect(server.ranges.slice(1)).toEqual([`bytes=${24 * 4096}-${37 * 4096 - 1}`]);
  expect(source.counters).toEqual({ requests: 2, bytes: 14 * 4096, retries: 0 });
  await source.read(100_000, 50_000);
  expect(source.counters.requests).toBe(2);
  source.close();
});

test("one block between two that are wanted is fetched with them, two are not", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  const source = await openHttpSource(server.url, { ...small, connections: 1 });
  await Promise.all([20, 22, 25].map(async (block) => await source.read(block * 4096, 1)));
  expect(server.ranges.slice(1)).toEqual([
    `bytes=${20 * 4096}-${23 * 4096 - 1}`,
    `bytes=${25 * 4096}-${26 * 4096 - 1}`,
  ]);
  source.close();
});

test("what is asked for while all connections are busy is joined", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  const source = await openHttpSource(server.url, { ...small, connections: 1 });
  const held = Promise.withResolvers<void>();
  server.fault = (request, response) => {
    server.fault = () => false;
    void held.promise.then(() => server.answer(request, response));
    return true;
  };
  const reads = [source.read(200 * 4096, 1)];
  // Backwards: this is not about reading ahead.
  for (let block = 109; block >= 100; block--) {
    await new Promise((resolve) => setImmediate(resolve));
    reads.push(source.read(block * 4096, 1));
  }
  held.resolve();
  await Promise.all(reads);
  expect(server.ranges.slice(2)).toEqual([`bytes=${100 * 4096}-${110 * 4096 - 1}`]);
  source.close();
});

test("a reader that goes forward is read ahead of, in few requests", async () => {
  const bytes = someBytes(4 << 20);
  await using server = await FileServer.start(bytes);
  const source = await openHttpSource(server.url, {
    ...quick,
    blockLength: 16 << 10,
    requestLength: 512 << 10,
  });
  for (let offset = 0; offset < bytes.length; offset += 4096)
    expect(Buffer.compare(await source.read(offset, 4096), bytes.subarray(offset, offset + 4096))).toBe(0);
  expect(source.counters.bytes).toBe(bytes.length);
  expect(source.counters.requests).toBeLessThan(30);
  source.close();
});

test("a large read takes several connections, but no more than it may, and keeps them open", async () => {
  const bytes = someBytes(2 << 20);
  await using server = await FileServer.start(bytes);
  const source = await openHttpSource(server.url, { ...small, connections: 3 });
  // The first three are answered when all of them have come.
  const held: (() => void)[] = [];
  server.fault = (request, response) => {
    if (held.push(() => server.answer(request, response)) < 3) return true;
    server.fault = () => false;
    for (const answer of held) answer();
    return true;
  };
  expect(Buffer.compare(await source.read(0, bytes.length), bytes)).toBe(0);
  expect(server.mostAtOnce).toBe(3);
  expect(server.connections).toBe(3);
  expect(source.counters.requests).toBe(1 + 32);
  source.close();
});

test("keeps no more than it may", async () => {
  const bytes = someBytes(1 << 20);
  await using server = await FileServer.start(bytes);
  const source = await openHttpSource(server.url, { ...small, keptLength: 16 * 4096 });
  await source.read(0, 128 * 4096);
  const { requests } = source.counters;
  await source.read(120 * 4096, 8 * 4096);
  expect(source.counters.requests).toBe(requests);
  await source.read(0, 4096);
  expect(source.counters.requests).toBeGreaterThan(requests);
  source.close();
});

test("asks for plain bytes of the version that it opened", async () => {
  await using server = await FileServer.start(someBytes(100_000));
  const source = await openHttpSource(server.url, small);
  await source.read(50_000, 1);
  expect(server.requests[0]?.headers).toMatchObject({ "accept-encoding": "identity" });
  expect(server.requests[1]?.headers).toMatchObject({ "if-match": '"one"' });
  source.close();
  server.headers = { "last-modified": "Sun, 22 Nov 2026 10:00:00 GMT" };
  const dated = await openHttpSource(server.url, small);
  expect(dated.lastModified).toBe("Sun, 22 Nov 2026 10:00:00 GMT");
  await dated.read(50_000, 1);
  expect(server.requests.at(-1)?.headers).toMatchObject({
    "if-unmodified-since": "Sun, 22 Nov 2026 10:00:00 GMT",
  });
  dated.close();
});

test("a read can be given up, and then nobody fetches for it", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  const source = await openHttpSource(server.url, small);
  const closed = Promise.withResolvers<void>();
  server.fault = (_, response) => {
    response.once("close", closed.resolve);
    return true;
  };
  const giveUp = new AbortController();
  const read = source.read(500_000, 1000, giveUp.signal);
  while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  giveUp.abort(new Error("enough"));
  await expect(read).rejects.toThrow("enough");
  await closed.promise;
  server.fault = () => false;
  expect(await source.read(500_000, 1000)).toEqual(server.bytes.slice(500_000, 501_000));
  source.close();
});

test("one reader who gives up takes nothing from another", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  const source = await openHttpSource(server.url, small);
  const giveUp = new AbortController();
  const [one, other] = [source.read(500_000, 1000, giveUp.signal), source.read(500_100, 1000)];
  giveUp.abort(new Error("enough"));
  await expect(one).rejects.toThrow("enough");
  expect(await other).toEqual(server.bytes.slice(500_100, 501_100));
  await expect(source.read(0, 1, giveUp.signal)).rejects.toThrow("enough");
  source.close();
});

test("closing ends what is under way", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  const source = await openHttpSource(server.url, small);
  server.fault = () => true;
  const read = source.read(500_000, 1000);
  source.close();
  await expect(read).rejects.toMatchObject({ code: "HTTP_CLOSED" });
  await expect(source.read(0, 1)).rejects.toMatchObject({ code: "HTTP_CLOSED" });
});

test("opening can be given up", async () => {
  await using server = await FileServer.start(someBytes(1 << 20));
  server.fault = () => true;
  const opening = openHttpSource(server.url, {
    ...quick,
    stallTime: 60_000,
    signal: AbortSignal.timeout(50),
  });
  await expect(opening).rejects.toMatchObject({ name: "TimeoutError" });
});
