/**
 * Shorter words for the identifiers of types: those of genimage's `partition-type-uuid` and of sfdisk. They are
 * understood, never written. Letters are capitals.
 */
export const typeShortcuts: Readonly<Record<string, string>> = {
  L: "linux-generic",
  linux: "linux-generic",
  S: "swap",
  H: "home",
  U: "esp",
  uefi: "esp",
  R: "linux-raid",
  raid: "linux-raid",
  V: "linux-lvm",
  lvm: "linux-lvm",
};

/** What stands for different identifiers in the two kinds of table. */
export const gptShortcuts: Readonly<Record<string, string>> = {
  ...typeShortcuts,
  F: "microsoft-basic-data",
  fat32: "microsoft-basic-data",
};

export const mbrShortcuts: Readonly<Record<string, string>> = {
  ...typeShortcuts,
  F: "fat32-lba",
  E: "extended",
  X: "extended-linux",
};
