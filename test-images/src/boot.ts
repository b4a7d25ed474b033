import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@bootstamp/witnesses";
import { accelerator } from "./accelerator.ts";
import type { Firmware } from "./image-info.ts";
import type { ReportPart } from "./initramfs.ts";

export interface BootOptions {
  readonly firmware: Firmware;
  /** 512 unless said otherwise; 4096 needs UEFI. */
  readonly sectorLength?: 512 | 4096;
  /** Milliseconds after which the machine is turned off and the boot has failed. */
  readonly timeout?: number;
}

const machine = "-machine q35 -smp 2 -m 512 -nodefaults -no-reboot -net none -display none".split(" ");
const uefiCode = "/usr/share/OVMF/OVMF_CODE_4M.fd";
const uefiVariables = "/usr/share/OVMF/OVMF_VARS_4M.fd";

/** What boots images, to hand to `requires`. */
export const bootTools: readonly string[] = ["qemu-system-x86_64", uefiCode];

/**
 * Boots an image, a path or the URI of an NBD server, in qemu until it powers off, without writing to it, and returns
 * what the serial console showed.
 * @throws Error with the end of the console where it does not power off in time.
 */
export async function bootImage(path: string, options: BootOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "boot-"));
  const log = join(folder, "serial.log");
  try {
    const args = [
      ...(await accelerator()),
      ...machine,
      "-serial",
      `file:${log}`,
      ...(options.firmware === "uefi" ? await uefiOptions(folder) : []),
      ...diskOptions(path, options.sectorLength ?? 512),
    ];
    await run("qemu-system-x86_64", args, { timeout: options.timeout ?? 900_000 });
    return await readFile(log, "utf8");
  } catch (error) {
    const seen = await readFile(log, "utf8").catch(() => "");
    throw new Error(`${path} did not boot and power off; the console ended in:\n${seen.slice(-4000)}`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Returns what the initramfs of a booted image reported between a part's BEGIN and END.
 * @throws Error where the part is missing.
 */
export function reportOf(console: string, part: ReportPart): string {
  const lines = console.replaceAll("\r", "").split("\n");
  const begin = lines.findIndex((line) => line.endsWith(`== ${part} BEGIN`));
  const end = lines.indexOf(`== ${part} END`);
  if (begin === -1 || end < begin) throw new Error(`the console shows no ${part}:\n${console.slice(-4000)}`);
  return lines.slice(begin + 1, end).join("\n");
}

function diskOptions(path: string, sectorLength: number): string[] {
  const blocks = `logical_block_size=${sectorLength},physical_block_size=${sectorLength}`;
  return [
    "-drive",
    `file=${path},format=raw,if=none,id=disk,snapshot=on,cache=unsafe`,
    "-device",
    `virtio-blk-pci,drive=disk,${blocks}`,
  ];
}

/** The variables are written to, so each machine has its own copy. */
async function uefiOptions(folder: string): Promise<string[]> {
  const variables = join(folder, "vars.fd");
  await copyFile(uefiVariables, variables);
  return [
    "-drive",
    `if=pflash,format=raw,readonly=on,file=${uefiCode}`,
    "-drive",
    `if=pflash,format=raw,file=${variables}`,
  ];
}
