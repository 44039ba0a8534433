import { Injectable } from '@nestjs/common';
import { Logger } from 'dispatcher';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readDevices } from '../readers/devices.reader.js';
import { readLink, readNames, readText } from '../readers/kernel-files.js';
import { readMountInfo } from '../readers/mount-info.reader.js';
import { parseMountInfo } from '../readers/mountinfo.js';
import { MountedPaths } from './mounted-paths.js';
import { PathUses } from './path-uses.js';
import { planResources } from './resource-plan.js';
import { ResourceKeeper } from './resource-keeper.js';

const INTERVAL_MS = 1_000;

/** What was read of the machine the last time. */
interface Reading {
  /** Differs when anything came or went. */
  readonly fingerprint: string;
  readonly devices: Awaited<ReturnType<typeof readDevices>>;
  readonly mounted: MountedPaths;
  readonly deviceNames: ReadonlyMap<string, string>;
}

/**
 * The resources of the devices, file systems and claimed paths of this machine, in step with what is
 * there. Looking whether anything changed is reading one file and two folders; only then all is read.
 */
@Injectable()
export class StorageResources {
  #reading: Reading | null = null;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #isBlind = false;

  constructor(
    private readonly keeper: ResourceKeeper,
    readonly uses: PathUses,
    private readonly logger: Logger,
  ) {}

  /** Follows the machine until the signal fires, and then rejects with an AbortError. */
  async follow(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(INTERVAL_MS, undefined, { signal, ref: false });
      await this.refresh();
    }
  }

  /** Resolves when the resources are what the machine and the claims are now. */
  refresh(): Promise<void> {
    // whoever comes while one is running needs one that begins later, and shares it
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        this.#running = this.#refresh();
        return this.#running;
      });
    return this.#next;
  }

  async mounted(): Promise<MountedPaths> {
    return (await this.#read()).mounted;
  }

  async #refresh(): Promise<void> {
    const { devices, mounted, deviceNames } = await this.#read();
    await this.keeper.apply(
      planResources({ devices, mounted, deviceNames, paths: this.uses.paths() }),
    );
  }

  /** The last reading when there can be no other now: what cannot be read has not gone. */
  async #read(): Promise<Reading> {
    try {
      const reading = await this.#readNow();
      this.#isBlind = false;
      return reading;
    } catch (error) {
      if (this.#reading === null) throw error;
      if (!this.#isBlind)
        this.logger.warn('The devices and mounts cannot be read for now', { error });
      this.#isBlind = true;
      return this.#reading;
    }
  }

  async #readNow(): Promise<Reading> {
    const [text, names, arrays] = await Promise.all([
      readMountInfo(),
      readNames('/sys/class/block'),
      readText('/proc/mdstat'),
    ]);
    const fingerprint = JSON.stringify([text, names, arrays]);
    if (this.#reading?.fingerprint === fingerprint) return this.#reading;
    const mounted = new MountedPaths(parseMountInfo(text));
    const devices = await readDevices();
    this.#reading = { fingerprint, devices, mounted, deviceNames: await deviceNamesOf(mounted) };
    return this.#reading;
  }
}

/** Some file systems name a source that is no device file, such as /dev/root; the number is exact. */
async function deviceNamesOf(mounted: MountedPaths): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const { mount } of mounted.fileSystems()) {
    const link = await readLink(`/sys/dev/block/${mount.device_number}`);
    if (link !== null) names.set(mount.device_number, basename(link));
  }
  return names;
}
