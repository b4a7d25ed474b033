import * as z from "zod";
import { byteLengthMessage, byteLengthPattern, longestByteLength, parseByteLength } from "./byte-length.ts";

const lengthText = z.string().regex(byteLengthPattern, byteLengthMessage);

function readLength(value: string | number, context: z.core.ParsePayload): number {
  const bytes = typeof value === "number" ? value : parseByteLength(value);
  if (bytes !== undefined && bytes <= longestByteLength) return bytes;
  context.issues.push({
    code: "custom",
    input: value,
    message: "a length is a whole number of bytes, at most 1 PiB",
  });
  return 0;
}

/** Bytes, as a number or with a unit, as {@link parseByteLength} reads it. */
export const byteLength: z.ZodType<number> = z.union([z.int().min(0), lengthText]).transform(readLength);
