// The Nx target, run by Nx: what has not changed comes out of its cache.
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { examplePath } from "../src/example.ts";
import { makeMachine } from "../src/machine.ts";
import { raspberryPiImage } from "../src/stand-ins.ts";

const root = mkdtempSync(join(tmpdir(), "bootstamp-nx-"));
afterAll(() => rmSync(root, { recursive: true }));
const machine = makeMachine(root);
const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** A workspace that has bootstamp among its packages, as far as Nx looks at it. */
const workspaceFiles = {
  "nx.json": { neverConnectToCloud: true, analytics: false },
  "package.json": { name: "workspace", private: true, devDependencies: { bootstamp: "0.1.0" } },
  "package-lock.json": {
    name: "workspace",
    lockfileVersion: 3,
    packages: {
      "": { name: "workspace", devDependencies: { bootstamp: "0.1.0" } },
      "node_modules/bootstamp": { version: "0.1.0", dev: true },
    },
  },
};

test("Nx: an unchanged fleet is a cache hit, a changed row is not", async () => {
  const fleet = join(root, "workspace/fleet");
  mkdirSync(fleet, { recursive: true });
  symlinkSync(modules, join(root, "workspace/node_modules"));
  for (const [name, value] of Object.entries(workspaceFiles))
    writeFileSync(join(root, "workspace", name), JSON.stringify(value));
  cpSync(examplePath("raspberry-pi"), fleet, { recursive: true });
  cpSync(examplePath("nx", "fleet.project.json"), join(fleet, "project.json"));
  await raspberryPiImage(join(fleet, "raspios.img"));
  const environment = {
    WIFI_PSK: "correct horse",
    NX_DAEMON: "false",
    // The Nx that runs this test may have been told to leave its own cache alone, and hands that on.
    NX_SKIP_NX_CACHE: "false",
    NX_ISOLATE_PLUGINS: "false",
    NX_TUI: "false",
  };
  const nx = async (): Promise<string> =>
    await machine.command(
      [process.execPath, realpathSync(join(modules, ".bin/nx")), "run", "fleet:images"],
      join(root, "workspace"),
      environment,
    );
  const manifest = (): string => readFileSync(join(fleet, "dist/manifest.json"), "utf8");

  expect(await nx()).not.toContain("existing outputs match the cache");
  const first = manifest();
  rmSync(join(fleet, "dist"), { recursive: true });
  expect(await nx()).toContain("local cache");
  expect(manifest()).toBe(first);
  appendFileSync(join(fleet, "devices.csv"), "0016,gate,disable-bt\n");
  await nx();
  expect(manifest()).toContain("pi-0016.img.xz");
});
