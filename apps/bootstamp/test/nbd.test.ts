// Images served over NBD, held against real clients.
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildImage, partitionOf } from "@bootstamp/test-images";
import { freePorts, requires, run } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { formats } from "../src/formats.ts";
import { spawnCommand, startCommand } from "./support/command.ts";
import { workplace, writeText } from "./support/workplace.ts";

const clients = requires("qemu-img", "nbdinfo", "nbdcopy", "cmp");

async function serveAnd(image: string, command: string): Promise<string> {
  const { status, out, err } = await spawnCommand(["nbd", image, "--run", command]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  return out;
}

/** Folders of a server's certificate for the loopback, and of a client that trusts it. */
async function certificates(): Promise<{ server: string; client: string }> {
  const server = workplace();
  const client = workplace();
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost";
  const files = ["-keyout", join(server, "server-key.pem"), "-out", join(server, "server-cert.pem")];
  await run("openssl", [...request.split(" "), "-addext", "subjectAltName=IP:127.0.0.1", ...files]);
  copyFileSync(join(server, "server-cert.pem"), join(client, "ca-cert.pem"));
  return { server, client };
}

describe("nbd on a port", requires("nbdinfo", "openssl"), () => {
  test("with a certificate, to those alone who ask for TLS", async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const { server, client } = await certificates();
    const [port = 0] = await freePorts(1);
    const words = ["nbd", info.path, "--port", `${port}`, "--tls-certificates", server];
    const command = [
      'echo "$uri"',
      `nbdinfo --size "$uri?tls-certificates=${client}"`,
      `nbdinfo "nbd://127.0.0.1:${port}/" 2>&1`,
    ].join("; ");
    const { out, status } = await spawnCommand([...words, "--run", command]);
    expect(out.split("\n").slice(0, 2)).toEqual([`nbds://127.0.0.1:${port}/`, `${info.length}`]);
    expect(status).not.toBe(0);
    expect(out.split("\n").slice(2).join("\n")).toContain("TLS");
    const both = `nbdinfo --size "$uri" && nbdinfo "nbds://127.0.0.1:${port}/?tls-certificates=${client}"`;
    const allowed = await spawnCommand([...words, "--tls", "allowed", "--run", both]);
    expect(allowed).toMatchObject({ status: 0, err: "" });
    expect(allowed.out).toMatch(new RegExp(`^${info.length}\n.*with TLS`));
  });

  test("of another address, with keys that both sides know", async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const key = "0123456789abcdef".repeat(4);
    const keys = writeText(join(workplace(), "keys.psk"), `alice:${key}\n`);
    const [port = 0] = await freePorts(1);
    const command = `echo "$uri"; nbdinfo --size "nbds://alice@127.0.0.2:${port}/?tls-psk-file=${keys}"`;
    const listening = ["--port", `${port}`, "--bind", "127.0.0.2", "--tls-psk", keys];
    const served = await spawnCommand(["nbd", info.path, ...listening, "--run", command]);
    expect(served).toMatchObject({
      status: 0,
      err: "",
      out: `nbds://127.0.0.2:${port}/\n${info.length}\n`,
    });
    const both = ["--tls-certificates", "/nothing", "--tls-psk", keys];
    expect(await spawnCommand(["nbd", info.path, ...both, "--run", "true"])).toMatchObject({ status: 2 });
  });
});

describe("nbd", () => {
  test.each(formats.map(({ extension }) => extension))(
    "serves a %s as the raw image",
    clients,
    async (extension) => {
      const info = await buildImage("tiny", { boot: "ext4" });
      const { number, offset, length } = partitionOf(info, "boot");
      const folder = workplace();
      const packed = join(folder, `base${extension}`);
      expect(await spawnCommand(["prepare", info.path, "-o", packed])).toMatchObject({ status: 0 });
      await serveAnd(packed, `qemu-img compare -f raw -F raw "$uri" '${info.path}'`);
      const part = join(folder, "part");
      await serveAnd(packed, `nbdcopy "nbd+unix:///p${number}?socket=$unixsocket" '${part}'`);
      const raw = readFileSync(info.path);
      expect(readFileSync(part).equals(raw.subarray(offset, offset + length))).toBe(true);
      const listed = await serveAnd(packed, `nbdinfo --list --json "$uri"`);
      const { exports } = JSON.parse(listed) as {
        exports: { "export-name": string; "export-size": number; can_cache: boolean }[];
      };
      expect(exports.map((one) => one.can_cache)).toEqual(exports.map(() => true));
      const sizes = Object.fromEntries(exports.map((one) => [one["export-name"], one["export-size"]]));
      expect(sizes).toEqual({
        "": info.length,
        ...Object.fromEntries(info.partitions.map((one) => [`p${one.number}`, one.length])),
      });
    },
  );

  test("tells holes, which nbdkit's filters cannot", clients, async () => {
    const info = await buildImage("debian-sdboot");
    const packed = join(workplace(), "base.zst");
    expect(await spawnCommand(["prepare", info.path, "-o", packed, "--level", "1"])).toMatchObject({
      status: 0,
    });
    const map = await serveAnd(packed, `nbdinfo --map=base:allocation --json "$uri"`);
    const runs = JSON.parse(map) as { offset: number; length: number; type: number }[];
    expect(runs.reduce((sum, { length }) => sum + length, 0)).toBe(info.length);
    const raw = readFileSync(info.path);
    const holes = runs.filter(({ type }) => type === 3);
    expect(holes.length).toBeGreaterThan(0);
    for (const { offset, length } of holes)
      expect(raw.subarray(offset, offset + length).equals(Buffer.alloc(length))).toBe(true);
  });

  test("ends with the status of what it runs, and says what is wrong", clients, async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    expect(await spawnCommand(["nbd", info.path, "--run", "exit 7"])).toMatchObject({ status: 7, err: "" });
    expect(await spawnCommand(["nbd", "/nothing", "--run", "true"])).toMatchObject({ status: 1 });
    expect(await spawnCommand(["nbd", info.path, "--unix", "/x", "--port", "1"])).toMatchObject({
      status: 2,
    });
    expect(await spawnCommand(["nbd", info.path, "--tls", "required"])).toMatchObject({ status: 2 });
  });

  test("serves until it is interrupted, and leaves no socket", clients, async () => {
    const info = await buildImage("tiny", { boot: "fat16" });
    const folder = workplace();
    const socket = join(folder, "socket");
    const { child, outcome } = startCommand(["nbd", info.path, "--unix", socket]);
    let shown = "";
    for await (const text of child.stdout ?? []) if ((shown += String(text)).includes("Ctrl-C")) break;
    expect(shown).toContain(`nbd+unix:///p1?socket=${socket}`);
    const size = await run("nbdinfo", ["--size", `nbd+unix:///?socket=${socket}`]);
    expect(Number(size)).toBe(info.length);
    child.kill("SIGINT");
    expect(await outcome).toMatchObject({ status: 0 });
    await expect(run("nbdinfo", ["--size", `nbd+unix:///?socket=${socket}`])).rejects.toThrow(/nbdinfo/);
  });
});
