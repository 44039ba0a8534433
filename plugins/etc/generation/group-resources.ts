import { Injectable } from '@nestjs/common';
import { Dispatcher, Errno, isDispatcherError } from 'dispatcher';
import { ETC } from '../rows/row-service.js';

const groupResource = (group: string): string => `${ETC}:${group}`;

/** What is asked of a task that generates files. */
export interface Selected {
  readonly names?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
}

interface FileRow {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The resources of groups of files: `etc` and, below it, one for each group that was ever claimed. */
@Injectable()
export class GroupResources {
  constructor(private readonly dispatcher: Dispatcher) {}

  /**
   * What a task claims: the groups that are named, and those that the named files belong to; all of
   * `etc` for files that belong to none and for whoever names nothing.
   *
   * @throws RpcException while etcd does not answer
   */
  async claimsOf({ names, groups }: Selected): Promise<readonly string[]> {
    const isAll = (names?.length ?? 0) === 0 && (groups?.length ?? 0) === 0;
    if (isAll) return [ETC];
    const touched = new Set(groups ?? []);
    for (const group of await this.#groupsOf(names ?? [])) {
      if (group === null) return [ETC];
      touched.add(group);
    }
    const claims = [...touched].sort().map(groupResource);
    for (const claim of claims) await this.#ensure(claim);
    return claims;
  }

  async #groupsOf(names: readonly string[]): Promise<readonly (string | null)[]> {
    if (names.length === 0) return [];
    const rows = await this.dispatcher.callSync<FileRow[]>('etcd.file.query', [
      ['name', 'in', names],
    ]);
    return names.flatMap((name): readonly (string | null)[] => {
      const groups = rows.find((row) => row.name === name)?.groups ?? [];
      return groups.length === 0 ? [null] : groups;
    });
  }

  async #ensure(resource: string): Promise<void> {
    try {
      await this.dispatcher.registerResource(resource, { parents: [ETC] });
    } catch (error) {
      if (!isDispatcherError(error) || error.code !== Errno.EEXIST) throw error;
    }
  }
}
