/** The least multiple of `grain` that is `value` or more. */
export function roundUp(value: number, grain: number): number {
  return Math.ceil(value / grain) * grain;
}

/** The greatest multiple of `grain` that is `value` or less. */
export function roundDown(value: number, grain: number): number {
  return Math.floor(value / grain) * grain;
}

/** The least number that is a multiple of both. */
export function commonMultiple(a: number, b: number): number {
  let [greater, less] = [a, b];
  while (less !== 0) [greater, less] = [less, greater % less];
  return (a / greater) * b;
}
