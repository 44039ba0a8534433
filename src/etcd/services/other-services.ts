import { queryArray } from '../../common/query/index.js';
import type { Filter, QueryParams } from '../../common/query/index.js';
import type { Service } from '../../client/serve/index.js';
import { membersOf } from '../plugins/index.js';
import type { ServicePorts } from './generation-service.js';
import { fileRows } from './rows.js';

const ROW = { type: 'object' } as const;
const NOTHING = { type: 'null' } as const;

/** `etcd.file`: rows of the files. */
export function fileService({ generator, engine }: ServicePorts): Service {
  return {
    query: {
      description: 'The files that are managed, and what became of each',
      roles: ['reader'],
      query: ROW,
      run: ([filter, params]: [Filter, QueryParams | null]) =>
        queryArray(fileRows(generator, engine.states()), filter, params),
    },
  };
}

/** `etcd.group`: rows of the groups. */
export function groupService({ generator }: ServicePorts): Service {
  return {
    query: {
      description: 'The groups, with the files that each comes to',
      roles: ['reader'],
      query: ROW,
      run: ([filter, params]: [Filter, QueryParams | null]) => {
        const { groups } = generator.catalog;
        const rows = Array.from(
          groups.values(),
          ({ name, description, dependencies, isAtomic }) => ({
            name,
            description,
            dependencies,
            atomic: isAtomic,
            files: membersOf(name, groups),
          }),
        );
        return queryArray(rows, filter, params);
      },
    },
  };
}

export interface ManagementPorts extends ServicePorts {
  readonly rescan: () => Promise<void>;
  readonly status: () => object;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly die: () => void;
}

/** `etcd.management`: the process itself. */
export function managementService(ports: ManagementPorts): Service {
  const roles = ['admin'];
  const doing = (description: string, work: () => void | Promise<void>) => ({
    description,
    roles,
    accepts: [],
    returns: NOTHING,
    run: async () => {
      await work();
      return null;
    },
  });
  return {
    rescan_plugins: doing('Reads plugin directories and their code again', ports.rescan),
    status: {
      description: 'How it goes: root, files by state, errors of plugins',
      roles,
      accepts: [],
      returns: ROW,
      run: () => ports.status(),
    },
    pause: doing(
      'From now on files do not follow changes; calls are answered as ever',
      ports.pause,
    ),
    resume: doing('Files follow changes again, and catch up', ports.resume),
    die: doing('Ends the process in order', ports.die),
  };
}
