import {
  applyKargsToFiles,
  BootConfigError,
  findKernelArgumentFiles,
  kargsKindOfFile,
} from "@bootstamp/boot-config";
import { expect, test } from "vitest";
import { fixture } from "./fixture.ts";
import { memoryTree } from "./memory-tree.ts";

const find = async (files: Readonly<Record<string, string>>): Promise<{ edit: string[]; left: string[] }> => {
  const { edit, left } = await findKernelArgumentFiles(memoryTree(files));
  return {
    edit: edit.map(({ path, kind }) => `${kind} ${path}`),
    left: left.map(({ path, reason }) => `${path}: ${reason}`),
  };
};
const entry = "title x\nlinux /l\noptions a\n";

test("Fedora CoreOS: the entry behind two links, once; grub.cfg shows entries", async () => {
  const files = {
    "/boot": "->/",
    "/loader": "->/loader.1",
    "/loader.1/entries/ostree-1.conf": fixture("fedora-coreos-ostree.conf"),
    "/loader.0/entries/old.conf": entry,
    "/grub2/grub.cfg": fixture("fedora-coreos-grub.cfg"),
  };
  expect(await find(files)).toEqual({
    edit: ["bls-grub /loader.1/entries/ostree-1.conf"],
    left: ["/grub2/grub.cfg: it has no linux line, it shows the boot loader entries (blscfg)"],
  });
});

test("Debian with GRUB on its root file system, and the ESP that points there", async () => {
  const root = {
    "/boot/grub/grub.cfg": fixture("debian-grub.cfg"),
    "/boot/grub/grubenv": "x",
    "/etc/fstab": "x",
  };
  expect(await find(root)).toEqual({ edit: ["grub /boot/grub/grub.cfg"], left: [] });
  await expect(find({ "/EFI/debian/grub.cfg": fixture("esp-grub.cfg") })).rejects.toThrow(
    "seen and left: /EFI/debian/grub.cfg (it has no linux line, it loads another configuration)",
  );
});

test("systemd-boot: entries as they are, unified kernels named", async () => {
  const files = {
    "/loader/loader.conf": "timeout 3\n",
    "/loader/entries/a.conf": entry,
    "/loader/entries/b.conf": "title shell\nefi /shell.efi\n",
    "/loader/entries/.hidden.conf": entry,
    "/EFI/Linux/uki.efi": "MZ",
  };
  expect(await find(files)).toEqual({
    edit: ["bls /loader/entries/a.conf"],
    left: [
      "/EFI/Linux/uki.efi: a unified kernel image holds its command line inside, often signed",
      "/loader/entries/b.conf: the entry has neither an options nor a linux line",
    ],
  });
});

test("an entry written for GRUB is known without its grub.cfg", async () => {
  const files = { "/loader/entries/a.conf": fixture("fedora-30.conf"), "/loader/entries/b.conf": entry };
  expect((await find(files)).edit).toEqual(["bls-grub /loader/entries/a.conf", "bls /loader/entries/b.conf"]);
  expect(kargsKindOfFile("/loader/entries/a.conf", fixture("fedora-coreos-ostree.conf"))).toBe("bls-grub");
});

test("Raspberry Pi: cmdline.txt, and others that config.txt names", async () => {
  const files = {
    "/CMDLINE.TXT": "quiet\n",
    "/config.txt": "[pi4]\ncmdline=four.txt\nos_prefix=new/\ncmdline=../x.txt\n",
    "/four.txt": "a\n",
    "/new/cmdline.txt": "b\n",
    "/x.txt": "c\n",
  };
  expect((await find(files)).edit).toEqual([
    "cmdline /CMDLINE.TXT",
    "cmdline /four.txt",
    "cmdline /new/cmdline.txt",
  ]);
  expect((await find({ "/boot/firmware/current/cmdline.txt": "a" })).edit).toEqual([
    "cmdline /boot/firmware/current/cmdline.txt",
  ]);
});

test("extlinux and syslinux in their folders", async () => {
  const files = {
    "/boot/extlinux/extlinux.conf": fixture("u-boot-menu-extlinux.conf"),
    "/syslinux/syslinux.cfg": fixture("syslinux.cfg"),
    "/efi/boot/syslinux.cfg": "include x\n",
  };
  expect(await find(files)).toEqual({
    edit: ["extlinux /boot/extlinux/extlinux.conf", "extlinux /syslinux/syslinux.cfg"],
    left: ["/efi/boot/syslinux.cfg: it starts no kernel"],
  });
});

test("broken, binary and huge files are left with the reason", async () => {
  const files = {
    "/cmdline.txt": "a",
    "/grub/grub.cfg": "linux '/v",
    "/loader/entries/z.conf": "linux\0",
    "/extlinux/extlinux.conf": "#".repeat(5 * 1024 * 1024),
  };
  const { left } = await find(files);
  expect(left[0]).toContain("/extlinux/extlinux.conf: 5242880 bytes are too many");
  expect(left[1]).toContain("/grub/grub.cfg: reading a GRUB configuration: line 1 has a single quote");
  expect(left[2]).toContain("/loader/entries/z.conf: reading a configuration file: got a NUL");
});

test("nothing found says where was looked", async () => {
  const looking = findKernelArgumentFiles(memoryTree({ "/vmlinuz": "x", "/grub.cfg/oops": "a directory" }));
  await expect(looking).rejects.toThrow(BootConfigError);
  await expect(looking).rejects.toMatchObject({ code: "KARGS_NO_FILE" });
  await expect(looking).rejects.toThrow("/loader/entries/*.conf");
});

test("what is found can be edited as one", async () => {
  const { edit } = await findKernelArgumentFiles(
    memoryTree({ "/loader/entries/a.conf": entry, "/grub/grub.cfg": "linux /v b\n" }),
  );
  const results = applyKargsToFiles(edit, { append: ["x"], delete: ["b"] });
  expect(results.map(({ text }) => text)).toEqual(["linux /v x\n", `${entry.trimEnd()} x\n`]);
});

test.each([
  ["/boot/loader/entries/a.conf", "bls"],
  ["/boot/grub/grub.cfg", "grub"],
  ["/EXTLINUX/EXTLINUX.CONF", "extlinux"],
  ["/cmdline.txt", "cmdline"],
  ["/etc/a.conf", undefined],
])("the name %s tells %s", (path, kind) => {
  expect(kargsKindOfFile(path, entry)).toBe(kind);
});
