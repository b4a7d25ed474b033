// nbdinfo, nbdcopy and libnbd's Python module.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { requires, run, runBytes } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { memoryExport, patterned, readOnly, without } from "../memory-export.ts";
import { scratchFolder, serving } from "../serving.ts";

const length = 8 << 20;

function sparseExport(name = ""): ReturnType<typeof memoryExport> {
  const exported = memoryExport(length, name);
  exported.bytes.set(patterned(1 << 20), 1 << 20);
  exported.bytes.set(patterned(5000), 6 << 20);
  return exported;
}

describe("nbdinfo", requires("nbdinfo"), () => {
  test("sees what an export can do", async () => {
    const server = await serving([
      sparseExport(),
      { ...readOnly(sparseExport("boot")), preferredBlockLength: 1 << 20 },
    ]);
    const { exports } = JSON.parse(await run("nbdinfo", ["--json", server.uri()])) as { exports: unknown[] };
    expect(exports[0]).toMatchObject({
      "export-name": "",
      description: `${length} bytes in memory`,
      contexts: ["base:allocation"],
      is_read_only: false,
      can_cache: true,
      can_df: true,
      can_fast_zero: true,
      can_flush: true,
      can_fua: true,
      can_multi_conn: true,
      can_trim: true,
      can_zero: true,
      block_size_minimum: 1,
      block_size_preferred: 4096,
      block_size_maximum: 33_554_432,
      "export-size": length,
    });
    const boot = JSON.parse(await run("nbdinfo", ["--json", server.uri("boot")])) as { exports: unknown[] };
    expect(boot.exports[0]).toMatchObject({
      is_read_only: true,
      can_zero: false,
      block_size_preferred: 1 << 20,
    });
  });

  test("lists exports, names of every kind among them", async () => {
    const names = ["", "boot", "EFI/System", "Größe 1", "x".repeat(4096)];
    const server = await serving(names.map((name) => memoryExport(4096, name)));
    const { exports } = JSON.parse(await run("nbdinfo", ["--list", "--json", server.uri()])) as {
      exports: { "export-name": string }[];
    };
    expect(exports.map((listed) => listed["export-name"])).toEqual(names);
    for (const name of names.slice(0, 4))
      expect(await run("nbdinfo", ["--size", server.uri(name)])).toBe("4096\n");
  });

  test("lists none where there is none, and an export that is not there is an error", async () => {
    const server = await serving([]);
    const { exports } = JSON.parse(await run("nbdinfo", ["--list", "--json", server.uri()])) as {
      exports: unknown[];
    };
    expect(exports).toEqual([]);
    await expect(run("nbdinfo", [server.uri("none")])).rejects.toThrow(
      /No such file or directory for export: none/,
    );
  });

  test("maps holes", async () => {
    const server = await serving(sparseExport());
    const map = JSON.parse(await run("nbdinfo", ["--map", "--json", server.uri()])) as unknown;
    expect(map).toMatchObject([
      { offset: 0, length: 1 << 20, type: 3 },
      { offset: 1 << 20, length: 1 << 20, type: 0 },
      { offset: 2 << 20, length: 4 << 20, type: 3 },
      { offset: 6 << 20, length: 8192, type: 0 },
      { offset: (6 << 20) + 8192, length: (2 << 20) - 8192, type: 3 },
    ]);
  });

  test("maps an image beyond 4 GiB, of more runs than one reply has", async () => {
    const exported = {
      ...readOnly(memoryExport(0)),
      length: 6 * 2 ** 30,
      *extents(offset: number, count: number) {
        for (let at = offset; at < offset + count; at += 65_536) {
          const zero = (at / 65_536) % 2 === 1;
          yield { length: 65_536, hole: zero, zero };
        }
      },
    };
    const server = await serving(exported);
    const map = JSON.parse(await run("nbdinfo", ["--map", "--json", server.uri()])) as unknown[];
    expect(map).toHaveLength(98_304);
    expect(map.at(-1)).toMatchObject({ offset: 6 * 2 ** 30 - 65_536, length: 65_536, type: 3 });
  });
});

describe("nbdcopy", requires("nbdcopy"), () => {
  test("copies out, and reads no hole", async () => {
    const exported = sparseExport();
    const server = await serving(exported);
    const copy = join(await scratchFolder(), "copy");
    await run("nbdcopy", [server.uri(), copy]);
    expect((await readFile(copy)).equals(exported.bytes)).toBe(true);
    const read = exported.calls.map((call) => Number(/^read \d+ (\d+)$/.exec(call)?.[1] ?? 0));
    expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThan(2 << 20);
    expect(server.events.filter(({ kind }) => kind === "attached").length).toBeGreaterThan(1);
  });

  test.each([
    ["with defaults", []],
    ["on one connection", ["-C", "1", "--flush"]],
    ["one request at a time", ["--synchronous"]],
    ["with zeros allocated", ["--allocated"]],
    ["in requests of 32 MiB", ["--request-size", "33554432"]],
  ])("copies in %s", async (_, options) => {
    const exported = memoryExport(40 << 20);
    exported.bytes.fill(0xee);
    const wanted = Buffer.concat([patterned(37 << 20, 5), Buffer.alloc(3 << 20)]);
    const file = join(await scratchFolder(), "image");
    await writeFile(file, wanted);
    const server = await serving(exported);
    await run("nbdcopy", [...options, file, server.uri()]);
    expect(exported.bytes.equals(wanted)).toBe(true);
  });

  test("copies from one export to another", async () => {
    const [from, to] = [sparseExport("from"), memoryExport(length, "to")];
    const server = await serving([from, to]);
    await run("nbdcopy", [server.uri("from"), server.uri("to")]);
    expect(to.bytes.equals(from.bytes)).toBe(true);
  });

  test("copies what says nothing of its extents, and what has no zeroing", async () => {
    const from = without(sparseExport("from"), "extents");
    const to = memoryExport(length, "to");
    to.bytes.fill(1);
    const { writer } = to;
    const server = await serving([
      from,
      {
        ...to,
        writer: { write: async (...range) => writer.write(...range), flush: async () => writer.flush() },
      },
    ]);
    // Otherwise nbdcopy 1.14 now and then waits for ever for a reply that it has got, when it writes zeros as bytes.
    await run("nbdcopy", ["--synchronous", server.uri("from"), server.uri("to")]);
    expect(to.bytes.equals(from.bytes)).toBe(true);
  });

  test("fails where a read fails, and the server goes on", async () => {
    const exported = sparseExport();
    const server = await serving({
      ...exported,
      read: async () => {
        throw new Error("the disk is on fire");
      },
    });
    await expect(runBytes("nbdcopy", [server.uri(), "null:"])).rejects.toThrow(/Input\/output error/);
    expect(await run("nbdinfo", ["--size", server.uri()])).toBe(`${length}\n`);
  });
});

async function python(uri: string, ...lines: string[]): Promise<string> {
  const script = [
    "import nbd, errno",
    "h = nbd.NBD()",
    ...lines.map((line) => line.replace("URI", JSON.stringify(uri))),
  ];
  return run("/usr/bin/python3", ["-c", script.join("\n")]);
}

const pythonModule = "/usr/lib/python3/dist-packages/nbd.py";

describe("libnbd from Python", requires("/usr/bin/python3", pythonModule), () => {
  test("many reads under way at once, in any order", async () => {
    const exported = sparseExport();
    const server = await serving(exported);
    const printed = await python(
      server.uri(),
      "import hashlib",
      "h.connect_uri(URI)",
      "bufs = [nbd.Buffer(65536) for _ in range(128)]",
      "cookies = [h.aio_pread(b, i * 65536) for i, b in enumerate(bufs)]",
      "while h.aio_in_flight() > 0: h.poll(-1)",
      "assert all(h.aio_command_completed(c) for c in cookies)",
      "print(hashlib.sha256(b''.join(b.to_bytearray() for b in bufs)).hexdigest())",
      "h.shutdown()",
    );
    const { createHash } = await import("node:crypto");
    expect(printed.trim()).toBe(createHash("sha256").update(exported.bytes).digest("hex"));
  });

  test("without structured replies and by EXPORT_NAME", async () => {
    const server = await serving(sparseExport());
    const printed = await python(
      server.uri(),
      "h.set_handshake_flags(0)",
      "h.set_request_structured_replies(False)",
      "h.connect_uri(URI)",
      "print(h.get_size(), h.get_structured_replies_negotiated(), h.can_df())",
      "h.pwrite(b'abc', 10, nbd.CMD_FLAG_FUA)",
      "print(bytes(h.pread(5, 9)))",
      "h.shutdown()",
    );
    expect(printed).toBe(`${length} False False\nb'\\x00abc\\x00'\n`);
  });

  test("requests that libnbd would not send by itself", async () => {
    const server = await serving([sparseExport(), readOnly(sparseExport("boot"))]);
    const printed = await python(
      server.uri(),
      "h.set_strict_mode(0)",
      "h.connect_uri(URI)",
      "def attempt(call):",
      "  try: call(); print('done')",
      "  except nbd.Error as e: print(errno.errorcode[e.errnum])",
      "attempt(lambda: h.pread(1, h.get_size()))",
      "attempt(lambda: h.pwrite(b'x', h.get_size()))",
      "attempt(lambda: h.zero(512, 0, nbd.CMD_FLAG_FAST_ZERO))",
      "attempt(lambda: h.trim(512, h.get_size()))",
      "attempt(lambda: h.pread(512, 0, 0x8))",
      "attempt(lambda: h.block_status(512, 0, lambda *a: 0))",
      "attempt(lambda: h.cache(512, 0))",
      "attempt(lambda: h.flush())",
      "h.shutdown()",
    );
    const expected = ["EINVAL", "ENOSPC", "EOPNOTSUPP", "EINVAL", "EINVAL", "EINVAL", "done", "done"];
    expect(printed.trim().split("\n")).toEqual(expected.map((name) => name.replace("EOPNOTSUPP", "ENOTSUP")));
  });

  test("haggling step by step", async () => {
    const server = await serving([sparseExport(), sparseExport("boot")]);
    const printed = await python(
      server.uri(),
      "h.set_opt_mode(True)",
      "h.connect_uri(URI)",
      "names = []",
      "h.opt_list(lambda name, description: names.append(name))",
      "print(names)",
      "h.set_export_name('nothing')",
      "try: h.opt_info()",
      "except nbd.Error as e: print('refused')",
      "h.set_export_name('boot')",
      "h.add_meta_context('base:')",
      "contexts = []",
      "h.opt_list_meta_context(lambda name: contexts.append(name))",
      "print(contexts)",
      "h.opt_info()",
      "print(h.get_size())",
      "h.opt_go()",
      "print(len(h.pread(3, 0)))",
      "h.shutdown()",
    );
    expect(printed).toBe(`['', 'boot']\nrefused\n['base:allocation']\n${length}\n3\n`);
  });

  test("a client that is killed leaves the server to others", async () => {
    const server = await serving(sparseExport());
    const script = [
      "h.connect_uri(URI)",
      "import os, signal",
      "b = nbd.Buffer(1 << 20)",
      "h.aio_pread(b, 0)",
      "os.kill(os.getpid(), signal.SIGKILL)",
    ];
    await expect(python(server.uri(), ...script)).rejects.toThrow(/SIGKILL/);
    expect(await server.event("disconnected")).toMatchObject({ fault: { code: "NBD_CLIENT_GONE" } });
    expect(await run("nbdinfo", ["--size", server.uri()])).toBe(`${length}\n`);
  });
});
