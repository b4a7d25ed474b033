// What clients can make a server hold, all of them together.
import { NbdError } from "@bootstamp/nbd";
import { expect, test, vi } from "vitest";
import { memoryExport } from "./memory-export.ts";
import { encodeRequest, RawClient } from "./raw-client.ts";
import { servesOthers, type Serving, serving } from "./serving.ts";
import { waitingExport } from "./waiting-export.ts";

const length = 1 << 20;
const read = 0;
const write = 1;
const limits = { ownBytes: 1 << 20, sharedBytes: 8 << 20, stallMilliseconds: 200 };
const large = 4 << 20;

async function silentClients(server: Serving, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let index = 0; index < count; index++) {
    const client = await RawClient.attached(server.address);
    client.stopReading();
    client.request({ command: read, length: large });
    clients.push(client);
  }
  return clients;
}

const cutOff = (server: Serving): number =>
  server.events.filter(
    (event) =>
      event.kind === "disconnected" &&
      event.fault instanceof NbdError &&
      event.fault.code === "NBD_CLIENT_SLOW",
  ).length;

test("no more is read than may be under way, but for a little of each", async () => {
  const exported = waitingExport(length);
  const patient = { ...limits, stallMilliseconds: 60_000 };
  const server = await serving({ ...exported, length: 64 << 20 }, { limits: patient });
  const clients = await silentClients(server, 6);
  await vi.waitFor(() => expect(exported.waiting()).toBe(2));
  // What is small goes on, for many at a time.
  const small = await Promise.all(
    Array.from({ length: 10 }, async () => await RawClient.attached(server.address)),
  );
  for (const client of small) client.request({ command: read, length });
  await vi.waitFor(() => expect(exported.waiting()).toBe(12));
  await servesOthers(server);
  expect(exported.waiting()).toBe(12);
  exported.letGo();
  for (const client of clients) client.vanish();
});

test("clients that take nothing are cut off where another waits, which then is served", async () => {
  const server = await serving(memoryExport(8 << 20), { limits });
  const silent = await silentClients(server, 2);
  await servesOthers(server);
  const other = await RawClient.attached(server.address);
  expect(await other.demand({ command: read, length: large })).toMatchObject({ error: 0 });
  expect(await other.demand({ command: read, length: large })).toMatchObject({ error: 0 });
  expect(cutOff(server)).toBeGreaterThan(0);
  expect(server.events).toContainEqual(
    expect.objectContaining({
      fault: expect.objectContaining({ message: expect.stringContaining("while others waited") }),
    }),
  );
  for (const client of silent) client.vanish();
});

test("clients that announce writes and send nothing are cut off likewise", async () => {
  const server = await serving(memoryExport(8 << 20), { limits });
  const silent = await Promise.all(
    Array.from({ length: 2 }, async () => await RawClient.attached(server.address)),
  );
  for (const client of silent) client.send(encodeRequest({ command: write, length: large }));
  await servesOthers(server);
  const other = await RawClient.attached(server.address);
  expect(await other.demand({ command: write, data: Buffer.alloc(length, 7) })).toMatchObject({
    error: 0,
  });
  const data = Buffer.alloc(large, 8);
  expect(await other.demand({ command: write, data })).toMatchObject({ error: 0 });
  expect(await other.demand({ command: write, data })).toMatchObject({ error: 0 });
  expect(cutOff(server)).toBeGreaterThan(0);
  for (const client of silent) client.vanish();
});

test("a client that takes nothing is left alone where nobody waits", async () => {
  const server = await serving(memoryExport(8 << 20), { limits: { ...limits, stallMilliseconds: 20 } });
  const [silent] = await silentClients(server, 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await servesOthers(server);
  silent?.resumeReading();
  expect(await silent?.simple(large)).toMatchObject({ error: 0 });
});

test("while the export is slow, nobody is cut off for it", async () => {
  const exported = waitingExport(length);
  const impatient = { ...limits, stallMilliseconds: 20 };
  const server = await serving({ ...exported, length: 8 << 20 }, { limits: impatient });
  const clients = await silentClients(server, 3);
  await vi.waitFor(() => expect(exported.waiting()).toBe(2));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(cutOff(server)).toBe(0);
  for (const client of clients) client.vanish();
});
