/*
 * Where boot loaders look for what holds kernel arguments, as seen from the root of a partition that may be /,
 * /boot, the ESP or the Raspberry Pi's boot partition.
 */

/** Folders in which a boot partition's files appear when the partition is not the boot partition itself. */
const roots = ["", "/boot", "/boot/efi", "/boot/firmware", "/efi", "/firmware"];

const under = (...patterns: readonly string[]): readonly string[] =>
  roots.flatMap((root) => patterns.map((pattern) => root + pattern));

/** Boot loader entries of type 1. */
export const entryPatterns: readonly string[] = under("/loader/entries/*.conf");

export const grubPatterns: readonly string[] = under(
  "/grub.cfg",
  "/grub*/grub.cfg",
  "/grub*/custom.cfg",
  "/EFI/*/grub.cfg",
  "/EFI/*/custom.cfg",
);

export const extlinuxPatterns: readonly string[] = under(
  "/extlinux.conf",
  "/syslinux.cfg",
  "/*linux/extlinux.conf",
  "/*linux/syslinux.cfg",
  "/*linux/isolinux.cfg",
  "/EFI/*/syslinux.cfg",
);

export const cmdlinePatterns: readonly string[] = under("/cmdline.txt", "/current/cmdline.txt");

/** Files of the Raspberry Pi that can name further cmdline files. */
export const configTxtPatterns: readonly string[] = under("/config.txt");

/** What can hold kernel arguments and is not edited, with the reason. */
export const leftPatterns: readonly { readonly pattern: string; readonly reason: string }[] = [
  ["/EFI/Linux/*.efi", "a unified kernel image holds its command line inside, often signed"],
  ["/boot.scr", "a compiled U-Boot script cannot be edited as text"],
  ["/uEnv.txt", "kernel arguments in U-Boot's environment are not edited"],
  ["/armbianEnv.txt", "kernel arguments in U-Boot's environment are not edited"],
  ["/grub*/menu.lst", "the configuration of GRUB before version 2 is not edited"],
  ["/refind_linux.conf", "kernel arguments for rEFInd are not edited"],
  ["/limine.conf", "kernel arguments for Limine are not edited"],
].flatMap(([pattern = "", reason = ""]) => under(pattern).map((each) => ({ pattern: each, reason })));
