/** Sorts `count` u32 at `table`, in place; by gaps, as there are some hundreds at most. */
export function sortAscending(table: usize, count: i32): void {
  for (let gap: i32 = 121; gap > 0; gap /= 3) {
    for (let index = gap; index < count; index++) insertBack(table, index, gap);
  }
}

function insertBack(table: usize, from: i32, gap: i32): void {
  const value = load<u32>(table + (from << 2));
  let index = from;
  for (; index >= gap; index -= gap) {
    const other = load<u32>(table + ((index - gap) << 2));
    if (other <= value) break;
    store<u32>(table + (index << 2), other);
  }
  store<u32>(table + (index << 2), value);
}
