import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "@bootstamp/witnesses";

/** The options of qemu for the fastest accelerator that works here. */
export type Accelerator = readonly string[];

const kvm: Accelerator = ["-accel", "kvm", "-cpu", "host"];

/** Five-level page tables would make every walk of an emulated machine longer. */
const tcg: Accelerator = ["-accel", "tcg,thread=multi", "-cpu", "max,la57=off"];

/**
 * A boot sector that touches the floating-point unit, on which the KVM of a nested host has been seen to give up, and
 * then writes 0x2a to the port of isa-debug-exit, upon which qemu exits with 0x2a * 2 + 1:
 *
 *   9b      fwait
 *   db e3   fninit
 *   b0 2a   mov al, 0x2a
 *   e6 f4   out 0xf4, al
 *   f4      hlt
 *   eb fd   jmp back to hlt
 */
const probeCode = Buffer.from([0x9b, 0xdb, 0xe3, 0xb0, 0x2a, 0xe6, 0xf4, 0xf4, 0xeb, 0xfd]);
const probeStatus = 0x2a * 2 + 1;

let found: Promise<Accelerator> | undefined;

/** Returns KVM where a guest really runs under it, else TCG. Probes once a process. */
export function accelerator(): Promise<Accelerator> {
  found ??= kvmRuns().then((runs) => (runs ? kvm : tcg));
  return found;
}

/** That /dev/kvm can be opened says little: a host may offer it and still refuse PC guests. */
async function kvmRuns(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "kvm-probe-"));
  try {
    await access("/dev/kvm", constants.R_OK | constants.W_OK);
    const disk = join(folder, "probe.img");
    // The BIOS does not start from a disk of a single sector.
    const content = Buffer.alloc(1 << 20);
    probeCode.copy(content);
    content.writeUInt16LE(0xaa55, 510);
    await writeFile(disk, content);
    const exit = ["-device", "isa-debug-exit,iobase=0xf4,iosize=1"];
    const machine = ["-machine", "q35", "-nodefaults", "-no-reboot", "-display", "none", "-net", "none"];
    const drive = ["-drive", `file=${disk},format=raw,if=virtio,snapshot=on`];
    const args = [...kvm, ...machine, ...exit, ...drive];
    await run("qemu-system-x86_64", args, { statuses: [probeStatus], timeout: 10_000 });
    return true;
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
}
