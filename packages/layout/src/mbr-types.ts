/**
 * Identifiers of MBR system ids, one byte each. What means the same as a GPT type bears the same name.
 * The ids have no standard; these are the ones that Linux's tools agree upon.
 */
export const mbrTypes: Readonly<Record<string, number>> = {
  fat12: 0x01,
  "fat16-small": 0x04,
  extended: 0x05,
  fat16: 0x06,
  ntfs: 0x07,
  fat32: 0x0b,
  "fat32-lba": 0x0c,
  "fat16-lba": 0x0e,
  "extended-lba": 0x0f,
  prep: 0x41,
  swap: 0x82,
  "linux-generic": 0x83,
  "extended-linux": 0x85,
  "linux-lvm": 0x8e,
  freebsd: 0xa5,
  openbsd: 0xa6,
  netbsd: 0xa9,
  "apple-hfs": 0xaf,
  xbootldr: 0xea,
  "gpt-protective": 0xee,
  esp: 0xef,
  "linux-raid": 0xfd,
};

/** Names of the ids under which firmware looks for a FAT file system. */
export const mbrFatTypeNames: readonly string[] = [
  "fat12",
  "fat16-small",
  "fat16",
  "fat32",
  "fat32-lba",
  "fat16-lba",
];
