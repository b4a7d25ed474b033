// Packages of Debian 12, fetched by apt with its own state and cache under build/, so that neither what this machine
// has installed matters, nor root is needed. They come from the mirror that this machine's own sources name for the
// release, with components that those may lack; apt checks the signatures.
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@bootstamp/witnesses";
import { buildFolder } from "./build-folder.ts";
import { whileLocked } from "./lock.ts";

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** What fetches and unpacks packages, to hand to `requires`. */
export const debianTools: readonly string[] = ["apt-get", "dpkg-deb", keyring];

export interface PackageSet {
  readonly architecture: "amd64" | "arm64";
  readonly names: readonly string[];
  /** Fetches all that the packages depend on, down to libc; otherwise the named ones alone. */
  readonly withDependencies: boolean;
  /** Fetches of all these only the packages whose names it matches: a metapackage's kernel and not its tools. */
  readonly only?: RegExp;
}

const suite = "bookworm";
const components = "main non-free-firmware";
const listsKeptMs = 24 * 3600 * 1000;

/**
 * Fetches packages into the cache and returns the paths of their files, sorted by name. Needs {@link debianTools} and
 * the network, unless all are in the cache.
 */
export async function fetchPackages(set: PackageSet): Promise<string[]> {
  const folder = join(buildFolder, "apt", set.architecture);
  await mkdir(folder, { recursive: true });
  return whileLocked(join(buildFolder, "apt", `${set.architecture}.lock`), async () => {
    const apt = await prepareApt(folder, set.architecture);
    if (!set.withDependencies) return fetchNamed(apt, folder, set.names);
    if (set.only === undefined) return fetchClosure(apt, folder, set.names);
    const names = packagesOf(await listClosure(apt, folder, set.names));
    return fetchNamed(
      apt,
      folder,
      names.filter((name) => set.only?.test(name)),
    );
  });
}

/** Unpacks those paths of a package file that match shell patterns such as `./boot/*`. */
export async function unpackPart(file: string, folder: string, patterns: readonly string[]): Promise<void> {
  const script = 'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards "${@:3}"';
  await run("bash", ["-c", script, "bash", file, folder, ...patterns]);
}

/** Unpacks package files over one another into a folder. Owners are kept where this runs as root. */
export async function unpackPackages(files: readonly string[], folder: string): Promise<void> {
  for (const file of files) {
    // In order: a later package may bring a file into a folder of an earlier one.
    // oxlint-disable-next-line no-await-in-loop
    await run("dpkg-deb", ["--extract", file, folder]);
  }
}

type Apt = (args: readonly string[], folder?: string) => Promise<string>;

async function prepareApt(folder: string, architecture: string): Promise<Apt> {
  await mkdir(join(folder, "state/lists/partial"), { recursive: true });
  await mkdir(join(archivesOf(folder), "partial"), { recursive: true });
  await mkdir(join(emptyOf(folder), "partial"), { recursive: true });
  const sources = join(folder, "sources.list");
  const options = `arch=${architecture} signed-by=${keyring}`;
  await writeFile(sources, `deb [${options}] ${await mirror()} ${suite} ${components}\n`);
  await writeFile(join(folder, "status"), "");
  const settings = aptOptions(folder, architecture);
  const apt: Apt = (args, cwd = folder) => run("apt-get", [...settings, ...args], { cwd });
  const stamp = join(folder, "updated");
  if (!(await isFresh(stamp))) {
    await apt(["update"]);
    await writeFile(stamp, "");
  }
  return apt;
}

/** Where this machine gets the release from. */
async function mirror(): Promise<string> {
  const uris = await run("apt-get", ["update", "--print-uris"]);
  const found = new RegExp(`^'(.*)/dists/${suite}/InRelease'`, "m").exec(uris)?.[1];
  if (found === undefined) throw new Error(`this machine's apt sources name no mirror for Debian ${suite}`);
  return found;
}

function aptOptions(folder: string, architecture: string): string[] {
  const settings = {
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    // The sandbox user could not write into a folder of ours.
    "APT::Sandbox::User": "root",
    "APT::Install-Recommends": "false",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
    "Debug::NoLocking": "true",
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State": join(folder, "state"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache": join(folder, "cache"),
  };
  return ["-q", "-y", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

async function isFresh(stamp: string): Promise<boolean> {
  if (!existsSync(stamp)) return false;
  return Date.now() - (await stat(stamp)).mtimeMs < listsKeptMs;
}

function archivesOf(folder: string): string {
  return join(folder, "cache/archives");
}

/** apt names only what it would fetch, so it is asked from a folder in which nothing is there yet. */
function emptyOf(folder: string): string {
  return join(folder, "empty");
}

/** Fetches single packages; apt-get writes them into its working folder, which is the cache. */
async function fetchNamed(apt: Apt, folder: string, names: readonly string[]): Promise<string[]> {
  const listed = await apt(["download", "--print-uris", ...names], emptyOf(folder));
  await apt(["download", ...names], archivesOf(folder));
  return pathsOf(folder, listed);
}

async function fetchClosure(apt: Apt, folder: string, names: readonly string[]): Promise<string[]> {
  const listed = await listClosure(apt, folder, names);
  await apt(["install", "--download-only", ...names]);
  return pathsOf(folder, listed);
}

/** As far as apt knows nothing at all is installed here, so it wants everything. */
function listClosure(apt: Apt, folder: string, names: readonly string[]): Promise<string> {
  return apt(["install", "--print-uris", "-o", `Dir::Cache::archives=${emptyOf(folder)}`, ...names]);
}

function pathsOf(folder: string, listed: string): string[] {
  return filesOf(listed).map((name) => join(archivesOf(folder), name));
}

function packagesOf(listed: string): string[] {
  return filesOf(listed).map((name) => name.slice(0, name.indexOf("_")));
}

/** Reads lines such as `'http://…/x.deb' x_1%3a2_amd64.deb 123 SHA256:…`. */
function filesOf(listed: string): string[] {
  const matches = listed.matchAll(/^'[^']+' (\S+\.deb) \d+/gm);
  return Array.from(matches, ([, name = ""]) => name).toSorted();
}
