// What part of a file an answer holds. RFC 9110 §14.4.
//
//   Content-Range: bytes 0-499/1234     bytes 0-499/*     bytes */1234 (416 only)

export interface ContentRange {
  readonly offset: number;
  readonly length: number;
  /** Of the whole file, if the server knows. */
  readonly total: number | undefined;
}

/** The range that a 206 answer says it holds, or undefined if it says none that makes sense. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = /^bytes +(\d{1,16})-(\d{1,16})\/(?:(\d{1,16})|\*)$/i.exec(text ?? "");
  if (match === null) return undefined;
  const offset = Number(match[1]);
  const length = Number(match[2]) - offset + 1;
  const total = match[3] === undefined ? undefined : Number(match[3]);
  const isSafe = [offset, length, total ?? 0].every((value) => Number.isSafeInteger(value));
  if (!isSafe || length < 1 || (total !== undefined && offset + length > total)) return undefined;
  return { offset, length, total };
}

/** The whole length that a 416 answer gives. */
export function parseUnsatisfied(text: string | undefined): number | undefined {
  const match = /^bytes +\*\/(\d{1,15})$/i.exec(text ?? "");
  return match === null ? undefined : Number(match[1]);
}
