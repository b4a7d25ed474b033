/** Jobs by name, each behind those that it needs. @throws Error for a need that is not there, or needs it itself. */
export function inOrderOfNeeds<Job>(
  jobs: Readonly<Record<string, Job>>,
  needsOf: (job: Job) => readonly string[],
): readonly (readonly [name: string, job: Job])[] {
  const ordered: (readonly [string, Job])[] = [];
  const done = new Set<string>();
  let left = Object.entries(jobs);
  while (left.length > 0) {
    const ready = left.filter(([, job]) => needsOf(job).every((name) => done.has(name)));
    if (ready.length === 0)
      throw new Error(`jobs that wait for ever: ${left.map(([name]) => name).join(", ")}`);
    ordered.push(...ready);
    for (const [name] of ready) done.add(name);
    left = left.filter(([name]) => !done.has(name));
  }
  return ordered;
}
