import { run } from "./run.ts";

/** Checks the partition table of an image with 512-byte sectors by sfdisk. @throws Error where it finds a fault. */
export async function sfdiskVerify(path: string): Promise<string> {
  return run("sfdisk", ["--verify", path]);
}

/**
 * Checks a GPT with 512-byte sectors by sgdisk, which exits with 0 even when it finds problems.
 * @throws Error where it finds one.
 */
export async function sgdiskVerify(path: string): Promise<string> {
  const report = await run("sgdisk", ["--verify", path]);
  if (!report.includes("No problems found")) throw new Error(`sgdisk --verify ${path}:\n${report}`);
  return report;
}
