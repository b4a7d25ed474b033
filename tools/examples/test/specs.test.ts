// The specs, each on a small image that has what it looks for, with the file systems read by other programs.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recipes } from "@bootstamp/test-images";
import { debugfs, readExtFile, readFatFile, requires, runBytes } from "@bootstamp/witnesses";
import { afterAll, expect, test } from "vitest";
import { examplePath } from "../src/example.ts";
import { makeMachine } from "../src/machine.ts";
import { coreosImage, coreosPlatforms, flatcarImage, raspberryPiImage } from "../src/stand-ins.ts";

const folder = mkdtempSync(join(tmpdir(), "bootstamp-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));
const machine = makeMachine(folder);

/** A copy of an example's folder. */
function copied(name: string): string {
  const path = join(folder, name);
  cpSync(examplePath(name), path, { recursive: true });
  return path;
}

interface Built {
  /** Of the region, in bytes. */
  readonly offset: number;
  readonly variants: readonly string[];
  /** The raw image of an artifact, decoded by `decoder`. */
  readonly raw: (file: string, decoder: string) => Promise<string>;
}

async function build(
  path: string,
  spec: string,
  secrets: Readonly<Record<string, string>> = {},
): Promise<Built> {
  await machine.command(["bootstamp", "build", spec], path, secrets);
  const { base, artifacts }: { base: { region: { offset: number } }; artifacts: { variant: string }[] } =
    JSON.parse(readFileSync(join(path, "out/manifest.json"), "utf8"));
  return {
    offset: base.region.offset,
    variants: [...new Set(artifacts.map(({ variant }) => variant))],
    raw: async (file, decoder) => {
      const raw = join(path, "decoded.raw");
      writeFileSync(raw, await runBytes(decoder, ["-dc", join(path, "out", file)]));
      return raw;
    },
  };
}

const coreosTools = requires(...recipes.tiny.tools({ boot: "ext4" }), "debugfs", "xz");

test("CoreOS: each platform has its id, its console and its GRUB settings", coreosTools, async () => {
  const path = copied("coreos");
  await coreosImage(join(path, "fedora-coreos-metal.x86_64.raw"));
  const { offset, variants, raw } = await build(path, "coreos.yaml");
  expect(variants).toEqual(["aws", "azure", "openstack", "metal"]);
  const aws = await raw("fedora-coreos-aws.x86_64.raw.xz", "xz");
  const [entry = ""] = /\S+\.conf/.exec(await debugfs(aws, ["ls -p /loader.1/entries"], { offset })) ?? [];
  const options = (await readExtFile(aws, `/loader.1/entries/${entry.split("/").at(-1)}`, offset)).toString();
  expect(options).toMatch(/^options .* ignition\.platform\.id=aws console=tty0 console=ttyS0,115200n8$/m);
  // The image's own table stays, and the example's agrees with it.
  const table = (await readExtFile(aws, "/coreos/platforms.json", offset)).toString();
  expect(JSON.parse(table)).toEqual(coreosPlatforms);
  const rows: { platform: string; kargs: string; grub: string }[] = JSON.parse(
    readFileSync(join(path, "platforms.json"), "utf8"),
  );
  const known = Object.entries(coreosPlatforms).map(([platform, { kernel_arguments, grub_commands }]) => ({
    platform,
    kargs: (kernel_arguments ?? []).join(" "),
    grub: (grub_commands ?? []).join("\n"),
  }));
  expect(rows.filter(({ platform }) => platform !== "metal")).toEqual(known);
  const settings = (await readExtFile(aws, "/grub2/console.cfg", offset)).toString();
  expect(settings).toBe(
    "# CONSOLE-SETTINGS-START\nserial --speed=115200\nterminal_input serial console\nterminal_output serial console\n# CONSOLE-SETTINGS-END\n",
  );
});

test(
  "Raspberry Pi: each device has its seed, its arguments and its overlay",
  requires("mcopy", "xz"),
  async () => {
    const path = copied("raspberry-pi");
    await raspberryPiImage(join(path, "raspios.img"));
    const { offset, variants, raw } = await build(path, "fleet.yaml", { WIFI_PSK: "correct horse" });
    expect(variants).toEqual(["0012", "0013", "0014", "0015"]);
    const image = await raw("pi-0014.img.xz", "xz");
    const read = async (name: string): Promise<string> => (await readFatFile(image, name, offset)).toString();
    expect(await read("/user-data")).toContain(
      '#cloud-config\nhostname: workshop-left\nfinal_message: "workshop, left"',
    );
    expect(await read("/user-data")).toContain("psk=correct horse\n");
    expect(await read("/meta-data")).toBe("instance-id: 0014\nlocal-hostname: workshop-left\n");
    expect(await read("/cmdline.txt")).toMatch(/ rootwait ds=nocloud;i=0014$/m);
    expect(await read("/config.txt")).toContain("\ndtoverlay=disable-bt\n");
  },
);

test("Flatcar: each cloud has its OEM id", requires("mke2fs", "debugfs", "gzip"), async () => {
  const path = copied("flatcar");
  await flatcarImage(join(path, "flatcar_production_image.bin"));
  const { offset, variants, raw } = await build(path, "flatcar.yaml");
  expect(variants).toEqual(["ec2", "gce", "openstack"]);
  const image = await raw("flatcar_production_ec2_image.bin.gz", "gzip");
  expect((await readExtFile(image, "/grub.cfg", offset)).toString()).toBe(
    [
      'set oem_id="ec2"',
      'set linux_append="$linux_append flatcar.oem.id=ec2 net.ifnames=0"',
      'set linux_console="console=ttyS0,115200n8 console=tty0"',
      "",
    ].join("\n"),
  );
});
