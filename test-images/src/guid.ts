/** Partition type GUIDs of the UEFI and Discoverable Partitions specifications. */
export const partitionTypes = {
  esp: "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  xbootldr: "BC13C2FF-59E6-4262-A352-B275FD6F7172",
  linux: "0FC63DAF-8483-4772-8E79-3D69D8477DE4",
  rootX64: "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
  biosBoot: "21686148-6449-6E6F-744E-656564454649",
} as const;

/** Makes the fixed GUID that an image's `number`th thing has, so that two builds are the same. */
export function fixedGuid(number: number): string {
  return `B0075A3B-0000-4000-8000-${number.toString(16).toUpperCase().padStart(12, "0")}`;
}

/** The same for a file system, whose tools write it in lower case. */
export function fixedUuid(number: number): string {
  return fixedGuid(number).toLowerCase();
}
