import { once } from "node:events";
import { chmod, lstat, readdir, rename, stat, unlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { dirname, join } from "node:path";
import { type NbdListener, type NbdServer, serve } from "@bootstamp/nbd";
import { run, when } from "@bootstamp/witnesses";
import { describe, expect, onTestFinished, test } from "vitest";
import { memoryExport } from "./memory-export.ts";
import { RawClient } from "./raw-client.ts";
import { scratchFolder, serving } from "./serving.ts";

async function listening(listener: NbdListener): Promise<NbdServer> {
  return serving(memoryExport(4096), { listener });
}

function faultOf(code: string): unknown {
  return expect.objectContaining({ name: "NbdError", code });
}

/** A socket file whose process is gone, as after a crash. */
async function staleSocket(path: string): Promise<void> {
  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await run(process.execPath, ["-e", script]).catch(() => undefined);
  expect((await lstat(path)).isSocket()).toBe(true);
}

describe("a Unix socket", () => {
  test("is for its owner alone, and goes when the server closes", async () => {
    const folder = await scratchFolder();
    const path = join(folder, "nbd.sock");
    const server = await listening({ kind: "unix", path });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(server.address).toEqual({ kind: "unix", path });
    expect(await readdir(folder)).toEqual(["nbd.sock"]);
    await server.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test("that nobody serves on any more is replaced", async () => {
    const path = join(await scratchFolder(), "nbd.sock");
    await staleSocket(path);
    const server = await listening({ kind: "unix", path });
    (await RawClient.greeted(server.address)).vanish();
    expect(await readdir(dirname(path))).toEqual(["nbd.sock"]);
  });

  test("that somebody serves on is left alone", async () => {
    const path = join(await scratchFolder(), "nbd.sock");
    const first = await listening({ kind: "unix", path });
    const second = serve({ exports: [], listener: { kind: "unix", path } });
    await expect(second).rejects.toThrow(faultOf("NBD_ADDRESS_IN_USE"));
    (await RawClient.greeted(first.address)).vanish();
    expect(await readdir(dirname(path))).toEqual(["nbd.sock"]);
  });

  test("of another server, put in the place of ours, outlives ours", async () => {
    const path = join(await scratchFolder(), "nbd.sock");
    const first = await listening({ kind: "unix", path });
    await unlink(path);
    const second = await listening({ kind: "unix", path });
    await first.close();
    const client = await RawClient.greeted(second.address);
    expect(await client.ask(3)).toMatchObject([{ type: 2 }, { type: 1 }]);
  });

  test("is found again where its server is moved", async () => {
    const path = join(await scratchFolder(), "nbd.sock");
    const server = await listening({ kind: "unix", path });
    await rename(path, `${path}.moved`);
    await server.close();
    expect(await readdir(dirname(path))).toEqual(["nbd.sock.moved"]);
  });

  test.each([
    ["a file", async (path: string) => writeFile(path, "precious")],
    ["a link to a file", async (path: string) => run("ln", ["-s", "/etc/passwd", path])],
    ["a folder", async (path: string) => run("mkdir", [path])],
  ])("is not put in the place of %s", async (_, make) => {
    const path = join(await scratchFolder(), "precious");
    await make(path);
    const before = await lstat(path);
    const refused = serve({ exports: [], listener: { kind: "unix", path } });
    await expect(refused).rejects.toThrow(faultOf("NBD_SOCKET_PATH"));
    expect((await lstat(path)).ino).toBe(before.ino);
  });

  test("with too long a path is refused, and nothing is left behind", async () => {
    const folder = await scratchFolder();
    const refused = serve({ exports: [], listener: { kind: "unix", path: join(folder, "x".repeat(100)) } });
    await expect(refused).rejects.toThrow(faultOf("NBD_SOCKET_PATH"));
    expect(await readdir(folder)).toEqual([]);
  });

  test("in a folder that is not there cannot be listened on", async () => {
    const path = join(await scratchFolder(), "no", "nbd.sock");
    const refused = serve({ exports: [], listener: { kind: "unix", path } });
    await expect(refused).rejects.toThrow(faultOf("NBD_LISTEN_FAILED"));
  });

  test(
    "in a folder that may not be written to",
    when(process.getuid?.() !== 0, "root may write anywhere"),
    async () => {
      const folder = await scratchFolder();
      await chmod(folder, 0o500);
      const refused = serve({ exports: [], listener: { kind: "unix", path: join(folder, "nbd.sock") } });
      await expect(refused).rejects.toThrow(faultOf("NBD_LISTEN_FAILED"));
    },
  );
});

test("a private socket is in a folder that nobody else can enter, and both go", async () => {
  const server = await listening({ kind: "private" });
  const path = server.address.kind === "unix" ? server.address.path : "";
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await server.close();
  await expect(stat(dirname(path))).rejects.toThrow(/ENOENT/);
});

describe("TCP", () => {
  test("is on the loopback unless told otherwise", async () => {
    const server = await listening({ kind: "tcp", port: 0 });
    expect(server.address).toEqual({ kind: "tcp", host: "127.0.0.1", port: expect.any(Number) });
    (await RawClient.greeted(server.address)).vanish();
  });

  test("on a port that is taken is refused", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(async () => void other.close());
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const refused = serve({ exports: [], listener: { kind: "tcp", port } });
    await expect(refused).rejects.toThrow(faultOf("NBD_ADDRESS_IN_USE"));
  });

  test("on an address that is not ours is refused", async () => {
    const refused = serve({ exports: [], listener: { kind: "tcp", host: "192.0.2.1", port: 0 } });
    await expect(refused).rejects.toThrow(faultOf("NBD_LISTEN_FAILED"));
  });
});

describe("URIs", () => {
  test("of Unix sockets say the path, and names are escaped", async () => {
    const folder = await scratchFolder();
    const server = await listening({ kind: "unix", path: join(folder, "a b&c") });
    expect(server.uri()).toBe(`nbd+unix:///?socket=${folder}/a%20b%26c`);
    expect(server.uri("EFI/ä?")).toBe(`nbd+unix:///EFI/%C3%A4%3F?socket=${folder}/a%20b%26c`);
  });

  test("of a server on every address lead to the loopback", async () => {
    const server = await listening({ kind: "tcp", host: "0.0.0.0", port: 0 });
    expect(server.uri("x")).toMatch(/^nbd:\/\/localhost:\d+\/x$/);
  });

  test("of IPv6 addresses have brackets", when(hasIpv6(), "there is no IPv6 loopback"), async () => {
    const server = await listening({ kind: "tcp", host: "::1", port: 0 });
    expect(server.uri()).toMatch(/^nbd:\/\/\[::1\]:\d+\/$/);
  });
});

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === "::1"),
  );
}

describe("exports that cannot be offered", () => {
  test.each([
    ["one name twice", [memoryExport(1, "a"), memoryExport(2, "a")]],
    ["a NUL in the name", [memoryExport(1, "a\0b")]],
    ["4097 bytes of name", [memoryExport(1, "ä".repeat(2048) + "x")]],
    ["half a character in the name", [memoryExport(1, "\ud800")]],
    ["too long a description", [{ ...memoryExport(1), description: "x".repeat(4097) }]],
    ["a length below zero", [{ ...memoryExport(1), length: -1 }]],
    ["a length beyond 2^53", [{ ...memoryExport(1), length: 2 ** 53 }]],
    ["a fraction of a byte", [{ ...memoryExport(1), length: 0.5 }]],
    ["a block length of 1000", [{ ...memoryExport(1), preferredBlockLength: 1000 }]],
    ["a block length of 64 MiB", [{ ...memoryExport(1), preferredBlockLength: 2 ** 26 }]],
  ])("%s", async (_, exports) => {
    const refused = serve({ exports, listener: { kind: "private" } });
    await expect(refused).rejects.toThrow(faultOf("NBD_EXPORT_INVALID"));
  });
});
