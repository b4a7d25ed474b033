import { spawnSync } from "node:child_process";
import { MapError } from "@bootstamp/segment-map";
import type { Engine } from "./engine.ts";

const name = "xz";
/** What a program may say without a limit of ours being in its way. */
const extraOutput = 1 << 20;

/** The program xz, once a piece: the fastest, and of the version that the system has. */
export const xzEngine: Engine = {
  name,
  version: () =>
    `liblzma ${parseVersion(runXz(["--robot", "--version"], new Uint8Array()).toString("latin1"))}`,
  open: (preset) => {
    const level = `${preset.level}${preset.extreme ? "e" : ""}`;
    return (raw, dictionaryLength) => {
      const filter = `--lzma2=preset=${level},dict=${dictionaryLength}`;
      return [runXz(["--format=raw", filter, "--threads=1", "--stdout"], raw)];
    };
  },
};

/** Runs xz to its end, in this thread's time. @throws MapError `MAP_SETTING` where there is none, `MAP_ENGINE`. */
function runXz(args: readonly string[], input: Uint8Array): Buffer {
  // Options that xz takes from the environment would change what it makes.
  const { XZ_DEFAULTS: _defaults, XZ_OPT: _options, ...env } = process.env;
  const maxBuffer = input.length + extraOutput;
  const { error, status, signal, stdout, stderr } = spawnSync(name, args, { input, env, maxBuffer });
  if (error !== undefined && "code" in error && error.code === "ENOENT") {
    throw new MapError(
      "MAP_SETTING",
      "engine xz needs the program xz, which is not on PATH (Debian package xz-utils): install it, or take engine lzma-native",
      { engine: name },
      { cause: error },
    );
  }
  if (error === undefined && status === 0) return stdout;
  const said = stderr.toString("utf8").trim();
  // What it said comes first: that it did not read its input any more is only a consequence.
  const reason = said === "" ? (error?.message ?? `it ended with ${status ?? signal ?? "nothing"}`) : said;
  throw new MapError("MAP_ENGINE", `engine ${name} failed: ${reason}`, { engine: name }, { cause: error });
}

/** `LIBLZMA_VERSION=XYYYZZZS`: major, minor, patch, and 2 for a release. xz(1), "Version". */
function parseVersion(text: string): string {
  const [, major, minor, patch, stability] = /^LIBLZMA_VERSION=(\d+)(\d{3})(\d{3})(\d)$/m.exec(text) ?? [];
  if (major === undefined) {
    throw new MapError(
      "MAP_ENGINE",
      `engine ${name} does not tell its version: it says ${JSON.stringify(text)}`,
      {
        engine: name,
      },
    );
  }
  const kind = ["-alpha", "-beta"][Number(stability)] ?? "";
  return `${Number(major)}.${Number(minor)}.${Number(patch)}${kind}`;
}
