import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { DiskImageError } from "./disk-image-error.ts";

/** What a tool of e2fsprogs is run with. */
export interface ToolRun {
  readonly input?: string;
  /** Seconds since 1970 that the tool takes for the present. */
  readonly clock: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit statuses that are no failure; default: 0 alone. */
  readonly statuses?: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

export interface ToolOutcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where these tools are, and not everybody's PATH leads. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** What in the environment would change what the tools write. */
const unwanted: ReadonlySet<string> = new Set([
  "MKE2FS_CONFIG",
  "E2FSCK_CONFIG",
  "MKE2FS_SYNC",
  "MKE2FS_FIRST_META_BG",
  "MKE2FS_DEVICE_SECTSIZE",
]);

/**
 * Runs a tool of e2fsprogs in English, UTC and a time that stands still.
 * @throws DiskImageError `DISK_TOOL_MISSING` if it is not installed; `DISK_TOOL_FAILED` with what it said; the signal's
 * reason.
 */
export async function runTool(tool: string, args: readonly string[], run: ToolRun): Promise<ToolOutcome> {
  run.signal?.throwIfAborted();
  const outcome = await capture(tool, args, run);
  run.signal?.throwIfAborted();
  if ((run.statuses ?? [0]).includes(outcome.status)) return outcome;
  const said = lastLines(outcome.stderr === "" ? outcome.stdout : outcome.stderr);
  throw new DiskImageError("DISK_TOOL_FAILED", `${tool} failed with status ${outcome.status}: ${said}`, {
    tool,
    status: outcome.status,
    said,
  });
}

async function capture(tool: string, args: readonly string[], run: ToolRun): Promise<ToolOutcome> {
  const child = spawn(tool, args, { env: environment(run), signal: run.signal, killSignal: "SIGKILL" });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => reject(explainStart(tool, error)));
    child.once("close", (status) => resolve(status ?? 255));
  });
  // A tool that gives up early does not read its input; its status says why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(run.input ?? "");
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { status, stdout, stderr };
}

function explainStart(tool: string, error: Error): unknown {
  if (!("code" in error) || error.code !== "ENOENT") return error;
  return new DiskImageError(
    "DISK_TOOL_MISSING",
    `${tool} is not installed: ext4 file systems are made and shrunk by e2fsprogs`,
    { tool, package: "e2fsprogs" },
    { cause: error },
  );
}

function environment({ clock, env }: ToolRun): NodeJS.ProcessEnv {
  // 0 means "the present" to these tools.
  const time = String(Math.max(clock, 1));
  const path = [process.env["PATH"] ?? "/usr/bin:/bin", ...systemFolders].join(":");
  const own = Object.entries(process.env).filter(([name]) => !unwanted.has(name));
  return {
    ...Object.fromEntries(own),
    LC_ALL: "C",
    TZ: "UTC",
    PATH: path,
    E2FSPROGS_FAKE_TIME: time,
    E2FSCK_TIME: time,
    SOURCE_DATE_EPOCH: time,
    ...env,
  };
}

function lastLines(printed: string): string {
  // The tools start by naming themselves.
  const lines = printed
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\S+ \d+\.\d+\.\d+ \(/.test(line));
  return lines.slice(-3).join("; ");
}
