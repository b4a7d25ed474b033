import { run } from "@bootstamp/witnesses";

/**
 * CRC-64/NVME of a file by Python, from the polynomial's own definition: a big-endian value in hex. A second for some
 * MiB.
 */
export async function crc64nvmeByPython(path: string): Promise<string> {
  return (await run("python3", ["-c", script, path])).trim();
}

const script = `
import sys
table = []
for byte in range(256):
    crc = byte
    for _ in range(8):
        crc = crc >> 1 ^ (0x9A6C9329AC4BC9B5 if crc & 1 else 0)
    table.append(crc)
crc = 2**64 - 1
with open(sys.argv[1], "rb") as packed:
    for byte in packed.read():
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
print(f"{crc ^ 2**64 - 1:016x}")`;
