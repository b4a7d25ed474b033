import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { requires, runBytes } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import type { ArtifactRecord, Manifest } from "../src/build/manifest.ts";
import { eventsOf, runCommand, type Outcome } from "./support/command.ts";
import { workplace } from "./support/workplace.ts";

const hex = (digit: string): string => digit.repeat(64);

function recordOf(variant: string, format: string): ArtifactRecord {
  return {
    variant,
    identity: hex("0"),
    file: `pi ${variant}.img.${format}`,
    format,
    length: 1000,
    sha256: hex("a"),
    rawLength: 4096,
    rawSha256: hex("b"),
    crc64nvme: "",
  };
}

function directoryOf(artifacts: readonly ArtifactRecord[]): string {
  const directory = workplace();
  const region = { number: 1, offset: 0, length: 4096 };
  const base = { image: "base.raw", length: 4096, sha256: hex("c"), region };
  const manifest: Manifest = { manifest: 1, generator: "bootstamp", base, stampables: [], artifacts };
  writeFileSync(join(directory, "manifest.json"), JSON.stringify(manifest));
  return directory;
}

const two = ["lobby", "roof"].flatMap((variant) => ["xz", "gz"].map((format) => recordOf(variant, format)));
const words = ["--description", "Fleet", "--icon", "https://example.com/pi.png", "--device", "pi5-64bit"];
const url = ["--url", "https://example.com/fleet"];

async function catalog(...more: readonly string[]): Promise<Outcome> {
  const environment = { SOURCE_DATE_EPOCH: "1700000000" };
  return await runCommand(["catalog", directoryOf(two), ...more], { environment });
}

test("Raspberry Pi Imager gets an entry for each variant, with every field that its schema demands", async () => {
  const { status, out } = await catalog("--for", "imager", ...url, ...words);
  expect(status).toBe(0);
  const list: { os_list: readonly Record<string, unknown>[] } = JSON.parse(out);
  expect(Object.keys(list)).toEqual(["os_list"]);
  expect(list.os_list[0]).toEqual({
    name: "lobby",
    description: "Fleet",
    icon: "https://example.com/pi.png",
    url: "https://example.com/fleet/pi%20lobby.img.xz",
    extract_size: 4096,
    extract_sha256: hex("b"),
    image_download_size: 1000,
    image_download_sha256: hex("a"),
    release_date: "2023-11-14",
    devices: ["pi5-64bit"],
    init_format: "none",
  });
  expect(list.os_list.map(({ name }) => name)).toEqual(["lobby", "roof"]);
  const gz = await catalog("--for", "imager", ...url, ...words, "--format", "gz", "--json");
  expect(JSON.stringify(eventsOf(gz))).toContain("pi%20roof.img.gz");
  expect(JSON.stringify(eventsOf(gz))).not.toContain(".img.xz");
});

function diskAt(file: string): object {
  const location = `https://example.com/fleet/${file}`;
  return { disk: { location, sha256: hex("a"), "uncompressed-sha256": hex("b") } };
}

function platformOf(name: string): object {
  return {
    release: "42.1",
    formats: { "raw.xz": diskAt(`pi%20${name}.img.xz`), "raw.gz": diskAt(`pi%20${name}.img.gz`) },
  };
}

test("a CoreOS stream has each variant as a platform, in all formats", async () => {
  const more = ["--stream", "stable", "--release", "42.1"];
  const { status, out } = await catalog("--for", "coreos", ...url, ...more);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual({
    stream: "stable",
    metadata: { "last-modified": "2023-11-14T22:13:20Z" },
    architectures: { x86_64: { artifacts: { lobby: platformOf("lobby"), roof: platformOf("roof") } } },
  });
});

/**
 * Reads a catalogue as the programs do that it is for, and prints what they would fetch. What they demand is in
 * doc/json-schema/os-list-schema.json of rpi-imager and in stream/stream.go of stream-metadata-go.
 */
const reader = `
import datetime, json, sys

def check(record, **kinds):
    for name, kind in kinds.items():
        value = record[name.replace("_dash_", "-")]
        assert type(value) is kind, (name, value)

catalogue = json.load(sys.stdin)
fetched = []
if sys.argv[1] == "imager":
    for entry in catalogue["os_list"]:
        check(entry, name=str, description=str, icon=str, url=str, extract_size=int, extract_sha256=str)
        check(entry, image_download_size=int, image_download_sha256=str, release_date=str, devices=list)
        assert entry["init_format"] in ["", "systemd", "cloudinit", "cloudinit-rpi", "rpi-preseed", "none"]
        assert all(type(device) is str for device in entry["devices"])
        datetime.date.fromisoformat(entry["release_date"])
        fetched.append([entry["url"], entry["image_download_sha256"], entry["extract_sha256"]])
else:
    check(catalogue, stream=str, metadata=dict, architectures=dict)
    datetime.datetime.strptime(catalogue["metadata"]["last-modified"], "%Y-%m-%dT%H:%M:%SZ")
    for platform in catalogue["architectures"]["x86_64"]["artifacts"].values():
        check(platform, release=str, formats=dict)
        for image in platform["formats"].values():
            disk = image["disk"]
            check(disk, location=str, sha256=str, uncompressed_dash_sha256=str)
            fetched.append([disk["location"], disk["sha256"], disk["uncompressed-sha256"]])
print(json.dumps(fetched))
`;

test.each([
  ["imager", [...words, "--format", "gz"], ["lobby.img.gz", "roof.img.gz"]],
  [
    "coreos",
    ["--stream", "stable", "--release", "42.1"],
    ["lobby.img.xz", "lobby.img.gz", "roof.img.xz", "roof.img.gz"],
  ],
] as const)(
  "a reader of another language finds in a catalogue for %s what to fetch",
  requires("python3"),
  async (kind, more, files) => {
    const { out } = await catalog("--for", kind, ...url, ...more);
    const found = await runBytes("python3", ["-c", reader, kind], { input: out });
    expect(JSON.parse(found.toString())).toEqual(
      files.map((file) => [`https://example.com/fleet/pi%20${file}`, hex("a"), hex("b")]),
    );
  },
);

test.each<[readonly string[], RegExp]>([
  [["--for", "imager", ...url], /takes a --description/],
  [["--for", "coreos", ...url], /takes a --stream/],
  [["--for", "imager", "--url", "ftp://x/", ...words], /--url takes where the artifacts lie/],
  [["--for", "imager", "--url", "https://x/?a=b", ...words], /--url takes where/],
  [["--for", "imager", ...url, ...words, "--format", "zst"], /no artifacts of the format zst/],
  [["--for", "etcher", ...url], /Allowed choices are imager, coreos/],
])("catalog %j is refused", async (flags, message) => {
  const outcome = await catalog(...flags);
  expect(outcome.status).toBe(2);
  expect(outcome.err).toMatch(message);
});

test("a manifest without digests, or none, and a catalogue without a date are refused", async () => {
  const { sha256: _, ...record } = recordOf("lobby", "xz");
  const flags = ["--for", "imager", ...url, ...words];
  const environment = { SOURCE_DATE_EPOCH: "0" };
  const bare = await runCommand(["catalog", directoryOf([record]), ...flags], { environment });
  expect(bare.err).toContain("output.digests: [sha256, raw-sha256]");
  expect((await runCommand(["catalog", workplace(), ...flags], { environment })).err).toContain(
    "build first",
  );
  expect((await runCommand(["catalog", directoryOf(two), ...flags])).err).toContain("SOURCE_DATE_EPOCH");
});
