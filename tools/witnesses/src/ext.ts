import { capture, run } from "./run.ts";

/**
 * Checks an ext file system at a byte offset of an image, changing nothing, and returns e2fsck's report.
 * @throws Error where it finds a fault.
 */
export async function e2fsck(path: string, offset = 0): Promise<string> {
  return run("e2fsck", ["-f", "-n", at(path, offset)]);
}

export interface DebugfsOptions {
  /** Byte offset of the file system in the image. */
  readonly offset?: number;
  /** Opens it for writing. */
  readonly write?: boolean;
  /** Added to the environment, such as `E2FSPROGS_FAKE_TIME`. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs debugfs commands in order and returns their output without the echoed commands.
 * @throws Error where one complains, which debugfs does not show in its exit status.
 */
export async function debugfs(
  path: string,
  commands: readonly string[],
  options: DebugfsOptions = {},
): Promise<string> {
  const args = [...(options.write === true ? ["-w"] : []), "-f", "-", at(path, options.offset ?? 0)];
  const input = commands.map((command) => `${command}\n`).join("");
  const { stdout, stderr } = await capture("debugfs", args, { input, env: options.env ?? {} });
  refuseComplaints(args, stderr);
  const lines = stdout.toString("utf8").split("\n");
  return lines.filter((line) => !line.startsWith("debugfs: ")).join("\n");
}

/** Returns the content of a file in an ext file system at a byte offset of an image. */
export async function readExtFile(path: string, file: string, offset = 0): Promise<Buffer> {
  const args = ["-R", `cat "${file}"`, at(path, offset)];
  const { stdout, stderr } = await capture("debugfs", args);
  refuseComplaints(args, stderr);
  return stdout;
}

/** What debugfs says on its error stream beside its version is a complaint. */
function refuseComplaints(args: readonly string[], stderr: string): void {
  const complaints = stderr.split("\n").filter((line) => line !== "" && !/^debugfs \d/.test(line));
  if (complaints.length > 0) throw new Error(`debugfs ${args.join(" ")}: ${complaints.join("\n")}`);
}

function at(path: string, offset: number): string {
  return offset === 0 ? path : `${path}?offset=${offset}`;
}
