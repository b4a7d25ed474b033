const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes as a person reads them: `1.2 GiB`, `512 bytes`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${bytes === 1 ? "byte" : (units[unit] ?? "")}`;
}

/** Seconds as a person reads them: `0.12 s`, `42 s`, `3:07 min`, `2:03:05 h`. */
export function durationText(seconds: number): string {
  if (seconds < 0.0995) return `${(seconds * 1000).toFixed(seconds < 0.00995 ? 1 : 0)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${pair(whole)} min`;
  return `${Math.floor(whole / 3600)}:${pair(whole / 60)}:${pair(whole)} h`;
}

/** A share of a whole as a percentage, with the digits that matter: `0.03 %`, `45 %`. Nothing of nothing is 0. */
export function shareText(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  const digits = percent === 0 || percent >= 10 ? 0 : percent >= 1 ? 1 : 2;
  return `${percent.toFixed(digits)} %`;
}

function pair(value: number): string {
  return String(Math.floor(value) % 60).padStart(2, "0");
}

/** A number of things: `1 place`, `3 places`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
