/**
 * A CHS address in the three bytes that a partition entry has for it: what an LBA comes to on a disk of 255 heads and
 * 63 sectors a track, the geometry that every tool assumes where a disk has none.
 *
 *     0 Head   1 Sector, bits 0-5, from 1; cylinder's bits 8-9 above them   2 Cylinder, bits 0-7
 *
 * UEFI 2.10 table 5-2 and all current firmware ignore these fields; Linux's tools write them nevertheless.
 */
const headCount = 255;
const sectorsPerTrack = 63;
const lastCylinder = 1023;

/** What stands for "cannot be addressed so": cylinder 1023, head 254, sector 63. */
const beyond = [0xfe, 0xff, 0xff] as const;

export function encodeChs(lba: number): readonly number[] {
  const track = Math.floor(lba / sectorsPerTrack);
  const cylinder = Math.floor(track / headCount);
  if (cylinder > lastCylinder) return beyond;
  const sector = (lba % sectorsPerTrack) + 1;
  return [track % headCount, sector | ((cylinder >> 8) << 6), cylinder & 0xff];
}
