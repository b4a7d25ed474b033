// Imports nothing: tools/test runs this file before anything else is known to work.

/** The Debian package that holds each tool which a test or a recipe may ask for. */
const packages: Readonly<Record<string, string>> = {
  "7z": "p7zip-full",
  "apt-get": "apt",
  bgzip: "tabix",
  blkid: "util-linux",
  bmaptool: "bmap-tools",
  bsdcat: "libarchive-tools",
  bsdtar: "libarchive-tools",
  busybox: "busybox",
  cryptsetup: "cryptsetup-bin",
  debugfs: "e2fsprogs",
  "dpkg-deb": "dpkg",
  dumpe2fs: "e2fsprogs",
  e2fsck: "e2fsprogs",
  fdisk: "fdisk",
  filefrag: "e2fsprogs",
  "fsck.vfat": "dosfstools",
  genisoimage: "genisoimage",
  go: "golang-go",
  "grub-editenv": "grub-common",
  "grub-emu": "grub-emu",
  "grub-mkimage": "grub-common",
  "grub-script-check": "grub-common",
  gzip: "gzip",
  igzip: "isal",
  javac: "default-jdk-headless",
  "libdeflate-gunzip": "libdeflate-tools",
  "libdeflate-gzip": "libdeflate-tools",
  mcopy: "mtools",
  mdir: "mtools",
  mke2fs: "e2fsprogs",
  "mkfs.btrfs": "btrfs-progs",
  "mkfs.erofs": "erofs-utils",
  "mkfs.exfat": "exfatprogs",
  "mkfs.f2fs": "f2fs-tools",
  "mkfs.ntfs": "ntfs-3g",
  "mkfs.vfat": "dosfstools",
  "mkfs.xfs": "xfsprogs",
  mksquashfs: "squashfs-tools",
  mkswap: "util-linux",
  mlabel: "mtools",
  mmd: "mtools",
  mount: "mount",
  nbdcopy: "libnbd-bin",
  nbdkit: "nbdkit",
  parted: "parted",
  perl: "perl",
  pigz: "pigz",
  pixz: "pixz",
  python3: "python3",
  pzstd: "zstd",
  "qemu-img": "qemu-utils",
  "qemu-system-x86_64": "qemu-system-x86",
  sfdisk: "fdisk",
  sgdisk: "gdisk",
  sha256sum: "coreutils",
  xfs_io: "xfsprogs",
  xz: "xz-utils",
  zstd: "zstd",
};

/** Packages that no tool on PATH stands for: Debian's keys for the recipes that fetch packages, and UEFI for qemu. */
const withoutTool = ["debian-archive-keyring", "ovmf"];

/** Returns the Debian package to install for a tool, or undefined for a tool that the table does not know. */
export function debianPackageOf(tool: string): string | undefined {
  return Object.hasOwn(packages, tool) ? packages[tool] : undefined;
}

/** Every Debian package that tools/test installs, sorted, each once. */
export const debianPackages: readonly string[] = [
  ...new Set([...Object.values(packages), ...withoutTool]),
].toSorted();
