// What Linux tells of a block device: Documentation/ABI/stable/sysfs-block of the kernel.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ProgramError } from "./program-error.ts";
import { sizeText } from "./report/quantity.ts";

interface BlockDevice {
  readonly path: string;
  /** In bytes. */
  readonly length: number;
  readonly readOnly: boolean;
  /** What it calls itself: model, serial number, file behind it. */
  readonly names: readonly string[];
  /** Where it, or a partition of it, is in use. */
  readonly uses: readonly string[];
}

/** Whether there is a block device at `path`. */
export function isBlockDevice(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isBlockDevice() ?? false;
}

/**
 * Refuses a device that is not the one meant, or that an image of `length` bytes must not be written onto.
 * @param meant a text that the device's own names have in them, or its length in bytes.
 * @throws ProgramError `USAGE_DEVICE`, `DEVICE_UNFIT`.
 */
export function checkDevice(path: string, meant: string | undefined, length: number): void {
  const device = readDevice(path);
  const facts = [`${device.length} bytes (${sizeText(device.length)})`, ...device.names].join(", ");
  if (meant === undefined || !isMeant(device, meant)) {
    const said = meant === undefined ? "--device has to say which one is meant" : `it is not "${meant}"`;
    throw new ProgramError("USAGE_DEVICE", `${path} is a device, ${facts}: ${said}`, { path });
  }
  const unfit = (why: string): ProgramError =>
    new ProgramError("DEVICE_UNFIT", `cannot write onto ${path}, ${facts}: ${why}`, { path });
  if (device.readOnly) throw unfit("it is read-only");
  if (device.uses.length > 0) throw unfit(`it is in use: ${device.uses.join(", ")}`);
  if (device.length < length) throw unfit(`the image has ${length} bytes`);
}

function isMeant({ length, names }: BlockDevice, meant: string): boolean {
  return meant === String(length) || (meant !== "" && names.some((name) => name.includes(meant)));
}

function readDevice(path: string): BlockDevice {
  const number = deviceNumber(statSync(path).rdev);
  const folder = `/sys/dev/block/${number}`;
  if (!existsSync(folder)) {
    throw new ProgramError(
      "DEVICE_UNFIT",
      `${path}: this system does not tell what device that is; unpack to - and write it with another program`,
      { path },
    );
  }
  const read = (name: string): string => readIfThere(join(folder, name)).trim();
  const names = ["device/model", "device/serial", "serial", "wwid", "loop/backing_file"].map(read);
  return {
    path,
    length: Number(read("size")) * 512,
    readOnly: read("ro") === "1",
    names: names.filter((name) => name !== ""),
    uses: usesOf(folder, number),
  };
}

/** The device and its partitions: mounted, swapped to, or under another device. */
function usesOf(folder: string, number: string): string[] {
  const partitions = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((inside) => existsSync(join(inside, "partition")));
  const folders = [folder, ...partitions];
  const numbers = new Set([number, ...partitions.map((inside) => readIfThere(join(inside, "dev")).trim())]);
  // Fields of /proc/self/mountinfo, proc(5): id, parent, major:minor, root, mount point.
  const mounts = readIfThere("/proc/self/mountinfo")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , at = ""]) => numbers.has(at));
  const holders = folders.flatMap((inside) => namesIn(join(inside, "holders")));
  const swaps = readIfThere("/proc/swaps")
    .split("\n")
    .map((line) => line.split(/\s+/)[0] ?? "")
    .filter((at) => at.startsWith("/dev/") && numbers.has(numberOf(at)));
  return [
    ...mounts.map(([, , , , point = ""]) => `mounted at ${point}`),
    ...holders.map((name) => `part of ${name}`),
    ...swaps.map((at) => `swap at ${at}`),
  ];
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function numberOf(path: string): string {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? "" : deviceNumber(status.rdev);
}

/** As Linux packs it: 12 bits of the major number from bit 8, the minor one's lowest 8 and, from bit 20, its others. */
function deviceNumber(rdev: number): string {
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
