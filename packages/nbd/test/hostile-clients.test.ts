import { describe, expect, test, vi } from "vitest";
import { memoryExport } from "./memory-export.ts";
import { encodeRequest, informationData, RawClient, u32 } from "./raw-client.ts";
import { scratchFolder, servesOthers, serving } from "./serving.ts";
import { waitingExport } from "./waiting-export.ts";

const length = 1 << 20;
const read = 0;
const write = 1;
const disconnect = 2;
const cache = 5;

describe("in transmission", () => {
  test("a wrong magic number ends the connection, after what was asked before it", async () => {
    const server = await serving(memoryExport(length));
    const client = await RawClient.attached(server.address);
    client.send(encodeRequest({ command: read, length: 8 }), Buffer.alloc(28, 0x55));
    expect((await client.rest()).length).toBe(16 + 8);
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_PROTOCOL" } });
    await servesOthers(server);
  });

  test("data after a command that has none is taken for a request, and ends the connection", async () => {
    const server = await serving(memoryExport(length));
    const client = await RawClient.attached(server.address);
    client.request({ command: 77, data: Buffer.alloc(100, 1) });
    expect(await client.simple()).toMatchObject({ error: 22 });
    expect(await client.rest()).toHaveLength(0);
    await servesOthers(server);
  });

  test("half a header and silence hold up nobody else", async () => {
    const server = await serving(memoryExport(length));
    const client = await RawClient.attached(server.address);
    client.send(encodeRequest({ command: read, length: 8 }).subarray(0, 13));
    await servesOthers(server);
    client.endHalf();
    await client.rest();
    expect(server.events).toContainEqual(
      expect.objectContaining({ fault: expect.objectContaining({ code: "NBD_CLIENT_GONE" }) }),
    );
  });

  test("a write that is announced and never sent takes no memory and holds up nobody else", async () => {
    const server = await serving(memoryExport(64 << 20));
    const clients = await Promise.all(
      Array.from({ length: 16 }, async () => RawClient.attached(server.address)),
    );
    const before = process.memoryUsage();
    for (const client of clients)
      client.send(encodeRequest({ command: write, length: 32 << 20 }), Buffer.alloc(1000));
    await servesOthers(server);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(64 << 20);
    for (const client of clients) client.vanish();
  });

  test("a client that leaves in the middle of a write has written nothing", async () => {
    const exported = memoryExport(length);
    const server = await serving(exported);
    const client = await RawClient.attached(server.address);
    client.send(encodeRequest({ command: write, length: 100_000 }), Buffer.alloc(99_999, 1));
    client.endHalf();
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_CLIENT_GONE" } });
    expect(exported.calls).toEqual([]);
    expect(exported.bytes.includes(1)).toBe(false);
  });

  test("a client that sent its writes whole and left has them done", async () => {
    const exported = memoryExport(length);
    const server = await serving(exported);
    const client = await RawClient.attached(server.address);
    for (let index = 0; index < 20; index++)
      client.request({ command: write, offset: BigInt(index * 1000), data: Buffer.alloc(1000, 1) });
    client.endHalf();
    await server.event("disconnected");
    expect(exported.calls).toHaveLength(20);
  });

  test.each(["vanish", "reset"] as const)("reads of a client that is gone by %s are aborted", async (way) => {
    const exported = waitingExport(length);
    const server = await serving(exported, { listener: { kind: "tcp", port: 0 } });
    const client = await RawClient.attached(server.address);
    for (let index = 0; index < 10; index++) client.request({ command: read, length: 1000 });
    await vi.waitFor(() => expect(exported.waiting()).toBe(10));
    client[way]();
    await server.event("disconnected");
    expect(exported.aborted()).toBe(10);
    expect(server.events.filter(({ kind }) => kind === "request-failed")).toEqual([]);
  });

  test("reads of a client that is gone are aborted also when it has as many as it may", async () => {
    const exported = waitingExport(length);
    const server = await serving(exported, { limits: { requests: 4 } });
    const client = await RawClient.attached(server.address);
    for (let index = 0; index < 100; index++) client.request({ command: read, length: 1000 });
    await vi.waitFor(() => expect(exported.waiting()).toBe(4));
    client.vanish();
    await server.event("disconnected");
    expect(exported.aborted()).toBeGreaterThanOrEqual(4);
  });

  test("a goodbye waits for what was asked before, also when the client has closed its half", async () => {
    const exported = waitingExport(length);
    const server = await serving(exported);
    const client = await RawClient.attached(server.address);
    client.send(encodeRequest({ command: read, length: 10 }), encodeRequest({ command: disconnect }));
    client.endHalf();
    await vi.waitFor(() => expect(exported.waiting()).toBe(1));
    exported.letGo();
    expect(await client.rest()).toHaveLength(16 + 10);
    expect(await server.event("disconnected")).not.toHaveProperty("fault");
  });

  test("after a goodbye the server closes, whatever else is sent", async () => {
    const exported = memoryExport(length);
    const server = await serving(exported);
    const client = await RawClient.attached(server.address);
    client.send(
      encodeRequest({ command: disconnect }),
      encodeRequest({ command: write, length: 1 }),
      Buffer.of(1),
    );
    expect(await client.rest()).toHaveLength(0);
    expect(exported.calls).toEqual([]);
  });
});

test("a client that says goodbye and does not take its replies is not waited for", async () => {
  const server = await serving(memoryExport(length), { limits: { closeMilliseconds: 50 } });
  const client = await RawClient.attached(server.address);
  client.stopReading();
  for (let index = 0; index < 20; index++) client.request({ command: read, length });
  client.request({ command: disconnect });
  expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_CLIENT_SLOW" } });
});

describe("limits", () => {
  test("no more requests are begun than may be under way", async () => {
    const exported = waitingExport(length);
    const server = await serving(exported, { limits: { requests: 8 } });
    const client = await RawClient.attached(server.address);
    for (let index = 0; index < 100; index++) client.request({ command: read, length: 10 });
    await vi.waitFor(() => expect(exported.waiting()).toBe(8));
    await servesOthers(server);
    expect(exported.waiting()).toBe(8);
    exported.letGo();
    for (let answered = 0; answered < 100; answered++) await client.simple(10);
  });

  test("no more bytes are asked for than may be under way, but for a single request", async () => {
    const exported = waitingExport(length);
    const server = await serving(exported, { limits: { requestBytes: 10_000 } });
    const client = await RawClient.attached(server.address);
    for (const count of [4000, 4000, 4000]) client.request({ command: read, length: count });
    await vi.waitFor(() => expect(exported.waiting()).toBe(2));
    const other = await RawClient.attached(server.address);
    other.request({ command: read, length: 50_000 });
    await vi.waitFor(() => expect(exported.waiting()).toBe(3));
    exported.letGo();
    await Promise.all([client.take(3 * 4016), other.take(50_016)]);
  });

  test("ranges that are to be cached count as what an export may hold of them", async () => {
    const waiting = waitingExport(length);
    const cached = async (offset: number, count: number, signal: AbortSignal): Promise<void> =>
      void (await waiting.read(offset, count, signal));
    const server = await serving({ ...waiting, cache: cached }, { limits: { requestBytes: 2 * length } });
    const client = await RawClient.attached(server.address);
    for (let index = 0; index < 5; index++) client.request({ command: cache, length });
    await vi.waitFor(() => expect(waiting.waiting()).toBe(2));
    // By now the third had its chance.
    await servesOthers(server);
    expect(waiting.waiting()).toBe(2);
    waiting.letGo();
    await client.take(5 * 16);
  });

  test("replies that are not taken hold up their own connection alone", async () => {
    const exported = memoryExport(length);
    const server = await serving(exported, { limits: { requestBytes: 4 << 20 } });
    const client = await RawClient.attached(server.address);
    client.stopReading();
    for (let index = 0; index < 100; index++) client.request({ command: read, length });
    await vi.waitFor(() => expect(exported.calls.length).toBeGreaterThanOrEqual(4));
    await servesOthers(server);
    expect(exported.calls.length).toBeLessThan(50);
    client.resumeReading();
    await client.take(100 * (length + 16));
  });

  test("refusals that are not taken are not piled up", async () => {
    const server = await serving(memoryExport(length), { limits: { requests: 16 } });
    const client = await RawClient.attached(server.address, { structured: true });
    client.stopReading();
    const refused = Buffer.concat(Array.from({ length: 1000 }, () => encodeRequest({ command: 99 })));
    for (let index = 0; index < 50; index++) client.send(refused);
    await servesOthers(server);
    expect(server.events.filter(({ kind }) => kind === "request-failed").length).toBeLessThan(40_000);
    client.vanish();
  });

  test("one connection too many is closed at once, and there is room again when one ends", async () => {
    const server = await serving(memoryExport(length), { limits: { connections: 2 } });
    const [first, second] = [
      await RawClient.attached(server.address),
      await RawClient.attached(server.address),
    ];
    const third = await RawClient.connect(server.address);
    expect(await third.rest()).toHaveLength(0);
    expect(await server.event("turned-away")).toMatchObject({ peer: "a Unix socket" });
    first.vanish();
    await server.event("disconnected");
    await servesOthers(server);
    second.vanish();
  });

  test.each([
    ["nothing", () => undefined],
    ["half an option", (client: RawClient) => client.send(u32(3), Buffer.from("IHAVE"))],
    [
      "an option whose data does not come",
      (client: RawClient) => client.send(u32(3), Buffer.from("IHAVEOPT"), u32(7), u32(100)),
    ],
    [
      "an unknown option of 2^32 - 1 bytes",
      (client: RawClient) => client.send(u32(3), Buffer.from("IHAVEOPT"), u32(70), u32(0xffffffff)),
    ],
  ])("a client that says %s is not waited for", async (_, say) => {
    const server = await serving(memoryExport(length), { limits: { handshakeMilliseconds: 50 } });
    const client = await RawClient.connect(server.address);
    say(client);
    await client.rest();
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_CLIENT_SLOW" } });
  });

  test("the time for the handshake does not count in transmission", async () => {
    const exported = waitingExport(length);
    const server = await serving(exported, { limits: { handshakeMilliseconds: 300 } });
    const client = await RawClient.attached(server.address);
    const silent = await RawClient.connect(server.address);
    await silent.rest();
    expect(await client.demand({ command: 3 })).toMatchObject({ error: 0 });
  });

  test("a shorter limit on options holds", async () => {
    const server = await serving(memoryExport(length), { limits: { optionLength: 10 } });
    const client = await RawClient.greeted(server.address);
    const [reply] = await client.ask(7, informationData("", [1, 2, 3]));
    expect(reply?.type).toBe(0x80000009);
  });
});

describe("close", () => {
  test("ends idle connections and handshakes, and waits for what is under way", async () => {
    const exported = waitingExport(length);
    const server = await serving(exported);
    const idle = await RawClient.attached(server.address);
    const greeting = await RawClient.greeted(server.address);
    const busy = await RawClient.attached(server.address);
    busy.request({ command: read, length: 100, cookie: 4n });
    await vi.waitFor(() => expect(exported.waiting()).toBe(1));
    const closed = server.close();
    await Promise.all([idle.rest(), greeting.rest()]);
    await vi.waitFor(() => expect(server.connections).toBe(1));
    exported.letGo();
    expect(await busy.simple(100)).toMatchObject({ error: 0, cookie: 4n });
    await closed;
    expect(server.connections).toBe(0);
    expect(server.events.filter((event) => "fault" in event)).toEqual([]);
    await expect(RawClient.connect(server.address)).rejects.toThrow(/ENOENT|ECONNREFUSED/);
  });

  test("gives a client that takes nothing a limited time", async () => {
    const server = await serving(memoryExport(length), { limits: { closeMilliseconds: 50 } });
    const client = await RawClient.attached(server.address);
    client.stopReading();
    for (let index = 0; index < 20; index++) client.request({ command: read, length });
    await servesOthers(server);
    await server.close();
    expect(server.events.at(-1)).toMatchObject({ fault: { code: "NBD_CLIENT_SLOW" } });
  });

  test("waits for a write to be done, also when the time is over", async () => {
    const exported = memoryExport(length);
    const { promise, resolve } = Promise.withResolvers<void>();
    const server = await serving(
      { ...exported, writer: { ...exported.writer, write: async () => promise } },
      { limits: { closeMilliseconds: 10 } },
    );
    const client = await RawClient.attached(server.address);
    client.request({ command: write, data: Buffer.alloc(10) });
    const other = await RawClient.attached(server.address);
    await other.demand({ command: 3 });
    let closed = false;
    const closing = server.close().then(() => (closed = true));
    await client.rest();
    expect(closed).toBe(false);
    resolve();
    await closing;
  });

  test("can be asked for twice", async () => {
    const server = await serving(memoryExport(length));
    await Promise.all([server.close(), server.close()]);
    await server.close();
    expect(server.connections).toBe(0);
  });
});

test("connections share an export: a flush of one comes after the writes of another", async () => {
  const exported = memoryExport(length);
  const server = await serving(exported, { listener: { kind: "unix", path: `${await scratchFolder()}/s` } });
  const [first, second] = [
    await RawClient.attached(server.address),
    await RawClient.attached(server.address),
  ];
  await first.demand({ command: write, data: Buffer.of(9) });
  await second.demand({ command: 3 });
  expect(await second.demand({ command: read, length: 1 })).toMatchObject({ data: Buffer.of(9) });
  expect(exported.calls).toEqual(["write 0 1", "flush", "read 0 1"]);
});
