// What of Kubernetes's Jobs the example has: kubernetes.io, concepts/workloads/controllers/job.
import type { Machine } from "./machine.ts";

export interface KubernetesJob {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly completionMode?: "Indexed";
    readonly completions?: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
}

interface Container {
  readonly workingDir: string;
  readonly command: readonly string[];
  readonly envFrom?: readonly unknown[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}

export interface ClusterSite {
  readonly machine: Machine;
  /** The folder that is the volume. */
  readonly volume: string;
  /** What is in the secret. */
  readonly secret: Readonly<Record<string, string>>;
}

/** Runs the pods of a Job one after the other. The volume has to be mounted where the container works. */
export async function runKubernetesJob({ spec }: KubernetesJob, site: ClusterSite): Promise<void> {
  const [container, ...more] = spec.template.spec.containers;
  if (container === undefined || more.length > 0) throw new Error("a pod of one container is expected");
  if (container.volumeMounts.every(({ mountPath }) => mountPath !== container.workingDir))
    throw new Error(`nothing is mounted at ${container.workingDir}`);
  const isIndexed = spec.completionMode === "Indexed";
  for (let index = 0; index < (spec.completions ?? 1); index++) {
    const own = isIndexed ? { JOB_COMPLETION_INDEX: String(index) } : {};
    const environment = { ...(container.envFrom === undefined ? {} : site.secret), ...own };
    const words = container.command.map((word) => expanded(word, environment));
    await site.machine.command(words, site.volume, environment);
  }
}

/** `$(NAME)` in a command stands for the container's variable; one that there is not stays as it is. */
function expanded(word: string, environment: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\$\((\w+)\)/g, (text, name: string) => environment[name] ?? text);
}
