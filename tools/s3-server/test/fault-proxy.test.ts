import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { startFaultProxy, type FaultProxy, type ProxyFault } from "@bootstamp/s3-server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const arrived: string[] = [];
const target = createServer(async (request, response) => {
  const body = await text(request);
  arrived.push(`${request.method} ${request.url} ${body}`);
  response.writeHead(201, { "x-host": request.headers.host ?? "" }).end(`got ${body}`);
});
let proxy: FaultProxy;

beforeAll(async () => {
  target.listen(0, "127.0.0.1");
  await once(target, "listening");
  proxy = await startFaultProxy(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  target.close();
});
beforeEach(() => {
  arrived.length = 0;
  proxy.seen.length = 0;
});

async function put(fault: ProxyFault | undefined): Promise<{ status: number; body: string }> {
  proxy.plan = () => fault;
  const answer = await fetch(`${proxy.endpoint}/a?b=1`, {
    method: "PUT",
    body: "hello",
    headers: { authorization: "secret" },
  });
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()).toString() };
}

test("passes requests on with the client's own Host, and notes them without their authorization", async () => {
  expect(await put(undefined)).toEqual({ status: 201, body: "got hello" });
  expect(arrived).toEqual(["PUT /a?b=1 hello"]);
  const [seen] = proxy.seen;
  expect(seen).toMatchObject({ method: "PUT", path: "/a", headers: { host: proxy.endpoint.slice(7) } });
  expect(JSON.stringify(proxy.seen)).not.toContain("secret");
});

test("answers by itself", async () => {
  const { status, body } = await put({ kind: "answer", status: 503, code: "SlowDown" });
  expect({ status, arrived }).toEqual({ status: 503, arrived: [] });
  expect(body).toContain("<Code>SlowDown</Code>");
});

test.each<[ProxyFault, number]>([
  [{ kind: "cut-request", after: 3 }, 0],
  [{ kind: "lose-answer" }, 1],
  [{ kind: "cut-answer", after: 3 }, 1],
])("drops the connection: %o", async (fault, count) => {
  await expect(put(fault)).rejects.toThrow(/failed|terminated/);
  expect(arrived).toHaveLength(count);
});

test("sends a request twice, changed, or after something else", async () => {
  await put({ kind: "twice" });
  await put({ kind: "corrupt-request" });
  await put({ kind: "after", before: async () => void arrived.push("before") });
  expect(arrived).toEqual([
    "PUT /a?b=1 hello",
    "PUT /a?b=1 hello",
    "PUT /a?b=1 iello",
    "before",
    "PUT /a?b=1 hello",
  ]);
  expect(await put({ kind: "corrupt-answer" })).toEqual({ status: 201, body: "fot hello" });
});

test("passes a large body on whole", async () => {
  proxy.plan = () => undefined;
  const body = Buffer.alloc(3_000_000, "x");
  const answer = await fetch(proxy.endpoint, { method: "PUT", body });
  if (answer.body === null) throw new Error("no body");
  expect((await buffer(answer.body)).length).toBe(body.length + 4);
});
