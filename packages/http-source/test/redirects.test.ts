import { openHttpSource, openHttpStream } from "@bootstamp/http-source";
import { expect, test } from "vitest";
import { FileServer, quick, someBytes, type Fault } from "./file-server.ts";

const bytes = someBytes(1 << 20);

function redirectTo(location: string | undefined, status = 302): Fault {
  return (_, response) => {
    response.writeHead(status, location === undefined ? {} : { location }).end();
    return true;
  };
}

test.each([301, 302, 303, 307, 308])("status %d leads on, once for all requests", async (status) => {
  await using server = await FileServer.start(bytes);
  await using mirror = await FileServer.start(bytes);
  server.fault = redirectTo(`${mirror.url}?signature=abc`, status);
  const source = await openHttpSource(server.url, quick);
  expect(await source.read(900_000, 10)).toEqual(bytes.slice(900_000, 900_010));
  expect(server.requests).toHaveLength(1);
  expect(mirror.requests).toHaveLength(2);
  expect(mirror.requests[0]?.path).toBe("/image?signature=abc");
  source.close();
});

test("a name and password are for their own host, and for redirects that stay there", async () => {
  await using server = await FileServer.start(bytes);
  await using mirror = await FileServer.start(bytes);
  server.fault = (request, response) =>
    redirectTo(request.url === "/image" ? "/elsewhere" : mirror.url.replace("//", "//guest:key@"))(
      request,
      response,
    );
  const source = await openHttpSource(server.url.replace("//", "//j%C3%BCrgen:p%40ss@"), quick);
  await source.read(900_000, 10);
  const authorization = `Basic ${Buffer.from("jürgen:p@ss").toString("base64")}`;
  expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
    ["/image", authorization],
    ["/elsewhere", authorization],
  ]);
  expect(mirror.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  source.close();
});

test("an Authorization header stands before a name in the URL", async () => {
  await using server = await FileServer.start(bytes);
  const url = server.url.replace("//", "//name:password@");
  (await openHttpSource(url, { ...quick, authorization: "Bearer token" })).close();
  expect(server.requests[0]?.headers.authorization).toBe("Bearer token");
});

test("a link whose time is over is asked for anew", async () => {
  await using server = await FileServer.start(bytes);
  await using mirror = await FileServer.start(bytes);
  let links = 0;
  server.fault = (request, response) => redirectTo(`${mirror.url}?link=${++links}`)(request, response);
  mirror.fault = (request, response) => {
    if (request.url === `/image?link=${links}` && mirror.requests.length !== 2) return false;
    response.writeHead(403).end();
    return true;
  };
  const source = await openHttpSource(server.url, quick);
  expect(await source.read(900_000, 10)).toEqual(bytes.slice(900_000, 900_010));
  expect(mirror.requests.map(({ path }) => path)).toEqual([
    "/image?link=1",
    "/image?link=1",
    "/image?link=2",
  ]);
  source.close();
});

test.each([
  [undefined, "leads to nowhere, which is no URL of http or https"],
  ["ftp://user:secret@example.org/x", 'leads to "ftp:...", which is no URL of http or https'],
  ["http://[", 'leads to "http:...", which is no URL of http or https'],
  ["/image", "leads on more than 10 times"],
])("a redirect to %s is refused", async (location, message) => {
  await using server = await FileServer.start(bytes);
  server.fault = redirectTo(location);
  await expect(openHttpSource(server.url, quick)).rejects.toMatchObject({
    code: "HTTP_REDIRECT",
    message: expect.stringContaining(message),
  });
  expect(server.requests.length).toBeLessThanOrEqual(11);
});

test.each([
  ["ftp://example.org/image", "cannot read from a URL that begins with ftp://, expected http or https"],
  ["http://name:pass word@:80/", "a URL cannot be read"],
  ["http://name:%zz@example.org/", "the name or password in a URL has a broken %XX"],
])("%s is refused", async (url, message) => {
  await expect(openHttpSource(url, quick)).rejects.toMatchObject({ code: "HTTP_URL", message });
  await expect(openHttpStream(url, quick)).rejects.toMatchObject({ code: "HTTP_URL", message });
});

test("no error says a name, a password or a signature", async () => {
  await using server = await FileServer.start(bytes);
  const url = `${server.url.replace("//", "//wolf:secret@")}?signature=secret#secret`;
  for (const status of [401, 404, 418, 500, 200, 302, 412]) {
    server.fault = (_, response) => {
      const headers = { location: "http://wolf:secret@127.0.0.1:1/?secret", "content-range": "bytes */7" };
      response.writeHead(status, headers).end("x");
      return true;
    };
    const error: unknown = await openHttpSource(url, { ...quick, tries: 1 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    const { message, fields } = error as Error & { fields: object };
    expect(message).toContain("127.0.0.1");
    expect(message + JSON.stringify(fields)).not.toMatch(/secret|wolf/);
  }
});
