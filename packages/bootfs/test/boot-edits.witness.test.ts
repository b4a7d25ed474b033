// Kernel arguments, GRUB's environment block and config.txt in boot partitions laid out as distributions do.
import { symlinkSync } from "node:fs";
import type { Edit, EditReport } from "@bootstamp/bootfs";
import { e2fsck, fsckVfat, readExtFile, readFatFile, requires } from "@bootstamp/witnesses";
import { describe, expect, test } from "vitest";
import { applyPatch, editImage, sharedEditor } from "./support/edit-image.ts";
import { makeExt, makeFat, writeTree } from "./support/make-image.ts";
import { scratchFolder } from "./support/scratch.ts";

const folder = scratchFolder("boot");
const editor = sharedEditor(1);
const grubenv = `# GRUB Environment Block\nsaved_entry=0\n${"#".repeat(985)}`;

type Files = Readonly<Record<string, string>>;

interface Result {
  readonly read: (file: string) => Promise<string>;
  readonly reports: readonly EditReport[];
}

async function onExt(files: Files, links: Files, edits: readonly Edit[]): Promise<Result> {
  const tree = `${folder}/tree`;
  writeTree(tree, files);
  for (const [name, target] of Object.entries(links)) symlinkSync(target, `${tree}/${name}`);
  await makeExt(`${folder}/ext`, { options: ["-t", "ext4"], tree });
  const { patch, reports } = await editImage(editor, `${folder}/ext`, edits);
  applyPatch(`${folder}/ext`, patch, `${folder}/ext.out`);
  await e2fsck(`${folder}/ext.out`);
  return { read: async (file) => (await readExtFile(`${folder}/ext.out`, file)).toString(), reports };
}

async function onFat(files: Files, edits: readonly Edit[]): Promise<Result> {
  writeTree(`${folder}/tree`, files);
  await makeFat(`${folder}/fat`, { options: ["-F", "16"], tree: `${folder}/tree` });
  const { patch, reports } = await editImage(editor, `${folder}/fat`, edits);
  applyPatch(`${folder}/fat`, patch, `${folder}/fat.out`);
  await fsckVfat(`${folder}/fat.out`);
  return { read: async (file) => (await readFatFile(`${folder}/fat.out`, file)).toString(), reports };
}

const platform: Edit = { verb: "kargs", append: ["ignition.platform.id=aws"] };
const entry = (version: number): string =>
  `title C\nversion ${version}\noptions mitigations=auto root=UUID=9 rw\nlinux /v\n`;
const touched = (reports: readonly EditReport[]): string[] =>
  reports.flatMap(({ files }) => files.map(({ path, action }) => `${action} ${path}`));

describe(
  "boot partitions",
  requires("mke2fs", "mkfs.vfat", "mcopy", "e2fsck", "fsck.vfat", "debugfs"),
  () => {
    test("CoreOS: entries behind links, an environment block, each file once", async () => {
      const { read, reports } = await onExt(
        {
          "loader.1/entries/ostree-1.conf": entry(1),
          "loader.1/entries/ostree-2.conf": entry(2),
          "grub2/grub.cfg": "set timeout=1\nblscfg\n",
          "grub2/grubenv": grubenv,
        },
        { loader: "loader.1", boot: "." },
        [platform, { verb: "grubenv", set: { saved_entry: "1", boot_success: "1" } }],
      );
      expect(await read("/loader.1/entries/ostree-1.conf")).toContain(
        "root=UUID=9 rw ignition.platform.id=aws\n",
      );
      expect(await read("/loader.1/entries/ostree-2.conf")).toContain(
        "root=UUID=9 rw ignition.platform.id=aws\n",
      );
      expect(await read("/grub2/grubenv")).toMatch(
        /^# GRUB Environment Block\nsaved_entry=1\nboot_success=1\n#+$/,
      );
      expect(await read("/grub2/grubenv")).toHaveLength(1024);
      expect(touched(reports)).toEqual([
        "changed /loader.1/entries/ostree-1.conf",
        "changed /loader.1/entries/ostree-2.conf",
        "changed /grub2/grubenv",
      ]);
      expect(reports[0]?.files[0]).toMatchObject({ kind: "bls-grub", kernelLines: 1, unmatchedLines: 0 });
      expect(reports[0]?.left).toContainEqual({
        path: "/grub2/grub.cfg",
        reason: expect.stringContaining("blscfg"),
      });
    });

    test("Debian: lines of grub.cfg, in /boot of a root file system or at the top of a boot partition", async () => {
      const config =
        "menuentry 'Debian' {\n\tlinux /vmlinuz-6.1 root=UUID=1 ro quiet\n\tinitrd /initrd.img-6.1\n}\n";
      for (const top of ["", "boot/"]) {
        const { read, reports } = await onExt(
          { [`${top}grub/grub.cfg`]: config, [`${top}grub/grubenv`]: grubenv },
          {},
          [
            { verb: "kargs", append: ["console=ttyS0,115200n8"], delete: ["quiet"] },
            { verb: "grubenv", unset: ["saved_entry"] },
          ],
        );
        expect(await read(`/${top}grub/grub.cfg`)).toContain("root=UUID=1 ro console=ttyS0,115200n8\n");
        expect(touched(reports)).toEqual([`changed /${top}grub/grub.cfg`, `changed /${top}grub/grubenv`]);
      }
    });

    test("Raspberry Pi: cmdline.txt stays one line, config.txt keeps its sections", async () => {
      const { read, reports } = await onFat(
        {
          "cmdline.txt": "console=tty1 root=PARTUUID=12345678-02 rootwait quiet\n",
          "config.txt": "[pi4]\narm_boost=1\n\n[all]\ngpu_mem=16\n",
        },
        [
          {
            verb: "kargs",
            append: ["cgroup_enable=memory"],
            replace: [{ key: "root", new: "PARTUUID=87654321-02" }, "console=tty1=tty3"],
          },
          {
            verb: "config-txt",
            set: [
              { section: "pi4", key: "arm_boost", value: "0" },
              { key: "enable_uart", value: "1" },
            ],
            removeIfPresent: [{ key: "gpu_mem" }, { key: "never_there" }],
          },
        ],
      );
      expect(await read("/cmdline.txt")).toBe(
        "console=tty3 root=PARTUUID=87654321-02 rootwait quiet cgroup_enable=memory\n",
      );
      expect(await read("/config.txt")).toMatch(/\[pi4\]\narm_boost=0\n/);
      expect(await read("/config.txt")).toMatch(/\[all\][^[]*enable_uart=1\n/);
      expect(await read("/config.txt")).not.toContain("gpu_mem");
      expect(touched(reports)).toEqual(["changed /cmdline.txt", "changed /config.txt"]);
    });

    test("systemd-boot: entries on FAT, whose names are in any case", async () => {
      const { read, reports } = await onFat(
        { "LOADER/Entries/Debian.CONF": "title D\nlinux /v\noptions quiet\n" },
        [platform],
      );
      expect(await read("/loader/entries/debian.conf")).toContain("options quiet ignition.platform.id=aws\n");
      expect(reports[0]?.files).toMatchObject([
        { path: "/LOADER/Entries/Debian.CONF", kind: "bls", action: "changed" },
      ]);
    });

    test("named files only, even where others would be found", async () => {
      const { read, reports } = await onExt(
        { "extlinux/extlinux.conf": "LABEL l\n  LINUX /v\n  APPEND quiet\n", "cmdline.txt": "quiet\n" },
        {},
        [{ ...platform, paths: ["/extlinux/extlinux.conf"] }],
      );
      expect(await read("/extlinux/extlinux.conf")).toContain("APPEND quiet ignition.platform.id=aws\n");
      expect(touched(reports)).toEqual(["changed /extlinux/extlinux.conf"]);
    });

    test("what cannot be done is refused: an argument not there, a file of no known kind, two environment blocks", async () => {
      const files = {
        "cmdline.txt": "quiet\n",
        "odd.name": "quiet\n",
        "grub/grubenv": grubenv,
        "grub2/grubenv": grubenv,
      };
      for (const [code, edit] of [
        ["KARGS_MISSING", { verb: "kargs", delete: ["loud"] }],
        ["KARGS_MISSING", { verb: "kargs", replace: ["root=PARTUUID=1"] }],
        ["KARGS_INVALID", { verb: "kargs", append: ["two words"] }],
        ["BOOTFS_NOT_POSSIBLE", { ...platform, paths: ["/odd.name"] }],
        ["BOOTFS_NOT_FOUND", { ...platform, paths: ["/nothing"] }],
        ["BOOTFS_NOT_POSSIBLE", { verb: "grubenv", set: { a: "b" } }],
        ["GRUBENV_DAMAGED", { verb: "grubenv", path: "/cmdline.txt", set: { a: "b" } }],
        ["GRUBENV_FULL", { verb: "grubenv", path: "/grub/grubenv", set: { a: "b".repeat(2000) } }],
      ] as const) {
        await expect(onExt(files, {}, [{ verb: "mkdir", path: "/d" }, edit])).rejects.toMatchObject({
          code,
          fields: { edit: 1 },
        });
      }
    });
  },
);
