/** A checksum of 32 bits as people read it: eight hexadecimal digits. */
export function crcText(crc: number): string {
  return crc.toString(16).padStart(8, "0");
}
