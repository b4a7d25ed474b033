import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCaptive } from "@bootstamp/nbd";
import { requires } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { memoryExport } from "./memory-export.ts";
import { scratchFolder, serving } from "./serving.ts";

test("the command finds the server in its environment", async () => {
  const folder = await scratchFolder();
  const path = join(folder, "it's a socket");
  const server = await serving(memoryExport(4096, "boot"), { listener: { kind: "unix", path } });
  const script = `printf '%s\\n' "$uri" "$nbd" "$unixsocket" "$port" "$exportname" > "${folder}/out"`;
  expect(await runCaptive(server, script, "boot")).toBe(0);
  const uri = server.uri("boot");
  expect(await readFile(join(folder, "out"), "utf8")).toBe(`${uri}\n${uri}\n${path}\n\nboot\n`);
});

test("over TCP it finds the port", async () => {
  const folder = await scratchFolder();
  const server = await serving(memoryExport(4096), { listener: { kind: "tcp", port: 0 } });
  await runCaptive(server, `printf '%s' "$port,$unixsocket" > "${folder}/out"`);
  const { address } = server;
  expect(await readFile(join(folder, "out"), "utf8")).toBe(`${address.kind === "tcp" ? address.port : ""},`);
});

test.each([
  ["exit 0", 0],
  ["exit 7", 7],
  ["no-such-command-here 2>/dev/null", 127],
  ["kill -TERM $$", 143],
])("%j ends with its status", async (command, status) => {
  const server = await serving(memoryExport(4096));
  expect(await runCaptive(server, command)).toBe(status);
});

test("a client can be the command", requires("nbdinfo"), async () => {
  const folder = await scratchFolder();
  const server = await serving(memoryExport(123_456));
  expect(await runCaptive(server, `nbdinfo --size "$uri" > "${folder}/size"`)).toBe(0);
  expect(await readFile(join(folder, "size"), "utf8")).toBe("123456\n");
});
