import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/model.ts';
import { systemErrorText } from '../config/system-error.ts';
import { serviceKey } from '../ipvs-netlink/keys.ts';
import type { ServiceMemory } from '../reconcile/reconciler.ts';
import type { Instance } from './instance.ts';
import { networkNamespace } from './network-namespace.ts';
import { isDaemon } from './pid-file.ts';

const ending = '.services';

/** The file in which an instance remembers which services of the kernel are its own. */
export function servicesMemory({ name, socketPath }: Instance): string {
  return join(dirname(socketPath), `${name}${ending}`);
}

/** What stands in such a file. */
const storedSchema = z.object({
  pid: z.number(),
  networkNamespace: z.string(),
  /** `serviceKey`s. */
  services: z.array(z.string()),
  /** Those of them that stay in the kernel when the daemon ends, by cleanstop=no. */
  kept: z.array(z.string()),
});

type Stored = z.infer<typeof storedSchema>;

/** A service that two instances keep as each of them wants it. */
export interface SharedService {
  /** As of `serviceKey`. */
  readonly service: string;
  /** Name of the other instance. */
  readonly instance: string;
}

export interface ManagedServicesOptions {
  /** As of `servicesMemory`; its folder is made when missing. */
  readonly path: string;
  /** Told once why the file cannot be written. */
  readonly onProblem: (problem: string) => void;
  readonly namespace?: string;
  readonly isAlive?: (pid: number) => boolean;
}

/**
 * Which services belong to an instance, in a file, so that a daemon that was killed is tidied up
 * after by the next one although its configuration has changed, and so that instances know of each
 * other. A file of another network namespace says nothing about this one.
 */
export class ManagedServices implements ServiceMemory {
  /** What a daemon before this one had in the kernel when it was killed. */
  readonly recalled: ReadonlySet<string>;
  /** Another network namespace, when it had them there. */
  readonly elsewhere: string | undefined;
  /** Those of them that would have stayed there at its end. */
  readonly recalledKept: ReadonlySet<string>;
  readonly #path: string;
  readonly #namespace: string;
  readonly #isAlive: (pid: number) => boolean;
  readonly #onProblem: (problem: string) => void;
  #stored:
    | { readonly services: ReadonlySet<string>; readonly kept: ReadonlySet<string> }
    | undefined;
  #kept: ReadonlySet<string> = new Set();
  #hasProblem = false;
  readonly #others = new Map<string, { version: string; stored: Stored | undefined }>();

  constructor(options: ManagedServicesOptions) {
    const { path, onProblem, namespace = networkNamespace(), isAlive = isDaemon } = options;
    this.#path = path;
    this.#onProblem = onProblem;
    this.#namespace = namespace;
    this.#isAlive = isAlive;
    const found = recall(path);
    this.elsewhere = found?.networkNamespace === namespace ? undefined : found?.networkNamespace;
    const stored = this.elsewhere === undefined ? found : undefined;
    this.recalled = new Set(stored?.services);
    this.recalledKept = new Set(stored?.kept);
  }

  /** Notes which services stay in the kernel when the daemon ends. */
  keepAtStop(services: ReadonlySet<string>): void {
    this.#kept = services;
  }

  remember(services: ReadonlySet<string>): void {
    const kept = this.#kept;
    if (this.#stored?.kept === kept && isSame(this.#stored.services, services)) return;
    const text = JSON.stringify({
      pid: process.pid,
      networkNamespace: this.#namespace,
      services: [...services],
      kept: [...services].filter((key) => kept.has(key)),
    });
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o755 });
      writeFileSync(`${this.#path}.new`, text);
      renameSync(`${this.#path}.new`, this.#path);
      this.#stored = { services, kept };
      this.#hasProblem = false;
    } catch (error) {
      if (!this.#hasProblem) this.#onProblem(writeProblem(this.#path, error));
      this.#hasProblem = true;
    }
  }

  /** The kernel has nothing of ours any more that is not to stay. */
  forget(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch (error) {
      this.#onProblem(writeProblem(this.#path, error));
    }
  }

  shared(services: ReadonlySet<string>): readonly SharedService[] {
    return otherFiles(this.#path).flatMap((path) => {
      const other = this.#recallOther(path);
      if (other === undefined || !this.#isAlive(other.pid)) return [];
      const instance = basename(path, ending);
      return other.services
        .filter((service) => services.has(service))
        .map((service) => ({ service, instance }));
    });
  }

  /** Looked at with every look at the kernel: only a file that is new is read. */
  #recallOther(path: string): Stored | undefined {
    const stat = statSync(path, { throwIfNoEntry: false });
    const version = `${stat?.ino} ${stat?.mtimeMs}`;
    const known = this.#others.get(path);
    if (known !== undefined && known.version === version) return known.stored;
    const found = recall(path);
    const stored = found?.networkNamespace === this.#namespace ? found : undefined;
    this.#others.set(path, { version, stored });
    return stored;
  }
}

/** Keys (`serviceKey`) of the services that outlive the daemon. */
export function keptAtStop(virtuals: Config['virtuals']): ReadonlySet<string> {
  const kept = virtuals.filter(({ cleanstop }) => !cleanstop);
  return new Set(kept.map(({ id }) => serviceKey(id)));
}

function recall(path: string): Stored | undefined {
  try {
    return storedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

function otherFiles(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path))
      .filter((name) => name.endsWith(ending) && name !== basename(path))
      .sort()
      .map((name) => join(dirname(path), name));
  } catch {
    return [];
  }
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((key) => b.has(key));
}

function writeProblem(path: string, error: unknown): string {
  return `${path}: cannot be written, after a crash some services could stay: ${systemErrorText(error)}`;
}
