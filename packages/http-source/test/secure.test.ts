import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createPlainServer, request as httpRequest } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHttpSource } from "@bootstamp/http-source";
import { requires, run } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FileServer, quick, someBytes } from "./file-server.ts";

const bytes = someBytes(100_000);

describe("https", requires("openssl"), () => {
  const folder = mkdtempSync(join(tmpdir(), "bootstamp-https-"));
  const [keyPath, certificatePath] = [join(folder, "key"), join(folder, "certificate")];
  let server: Server;
  let url = "";
  let certificate = "";
  let location: string | undefined;

  beforeAll(async () => {
    const files = ["-keyout", keyPath, "-out", certificatePath];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    await run("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      ...subject,
      ...files,
    ]);
    certificate = readFileSync(certificatePath, "utf8");
    server = createServer({ key: readFileSync(keyPath), cert: certificate }, (_, response) => {
      const contentRange = `bytes 0-${bytes.length - 1}/${bytes.length}`;
      if (location !== undefined) response.writeHead(302, { location }).end();
      else response.writeHead(206, { "content-range": contentRange }).end(bytes);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    url = `https://127.0.0.1:${port}/image`;
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  test("reads where the certificate is trusted", async () => {
    const source = await openHttpSource(url, { ...quick, certificates: [certificate] });
    expect(Buffer.compare(await source.read(0, bytes.length), bytes)).toBe(0);
    source.close();
  });

  test("and not where it is not, without trying again", async () => {
    await expect(openHttpSource(url, quick)).rejects.toMatchObject({
      code: "HTTP_UNREACHABLE",
      fields: { reason: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
  });

  test("does not go on to plain http", async () => {
    location = "http://127.0.0.1/image?key";
    await expect(openHttpSource(url, { ...quick, certificates: [certificate] })).rejects.toMatchObject({
      code: "HTTP_REDIRECT",
      message: `${url} leads from https to http://127.0.0.1/image?...`,
    });
  });
});

test("a proxy that the environment names is asked, but not for hosts that it leaves out", async () => {
  await using server = await FileServer.start(bytes);
  const asked: (string | undefined)[] = [];
  const proxy = createPlainServer((request, response) => {
    asked.push(request.url);
    const passedOn = httpRequest(request.url ?? "", { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    passedOn.end();
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, "127.0.0.1", resolve);
  });
  const { port } = proxy.address() as AddressInfo;
  const environment = { HTTP_PROXY: `http://127.0.0.1:${port}` };
  for (const extra of [{}, { NO_PROXY: "127.0.0.1" }]) {
    const source = await openHttpSource(server.url, { ...quick, environment: { ...environment, ...extra } });
    expect(await source.read(50_000, 10)).toEqual(bytes.slice(50_000, 50_010));
    source.close();
  }
  expect(asked).toEqual([server.url]);
  proxy.close();
  proxy.closeAllConnections();
});
