/** Set by `BOOTSTAMP_BENCH_TINY=1`: a small image and few rounds, to see that it runs. Its numbers are not kept. */
export const isTiny: boolean = (process.env["BOOTSTAMP_BENCH_TINY"] ?? "") !== "";
