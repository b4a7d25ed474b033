/** Numbers as the tables show them: three digits that count. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/** Seconds, or milliseconds below one. */
export function timeText(seconds: number): string {
  return seconds < 1 ? `${numberText(seconds * 1000)} ms` : `${numberText(seconds)} s`;
}

export function mebibytesText(bytes: number): string {
  return `${numberText(bytes / 2 ** 20)} MiB`;
}

/** Bytes with thin groups of three: `266 215 126`. */
export function bytesText(bytes: number): string {
  return String(bytes).replaceAll(/\B(?=(?:\d{3})+$)/g, " ");
}

/** How much more or less than `reference`: `+1.23 %`. */
export function changeText(value: number, reference: number): string {
  const percent = (value / reference - 1) * 100;
  const digits = Math.abs(percent) < 0.1 ? 4 : 2;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent).toFixed(digits)} %`;
}

/** {@link ratioText} for ratios far below one: three digits that count. */
export function smallRatioText(value: number, reference: number): string {
  return Number.isFinite(value / reference) ? String(Number((value / reference).toPrecision(3))) : "";
}

export function ratioText(value: number, reference: number): string {
  return Number.isFinite(value / reference) ? (value / reference).toFixed(2) : "";
}
