import { Errno, RpcException } from '../../common/index.js';
import { queryArray } from '../../common/query/index.js';
import type { Filter, QueryParams } from '../../common/query/index.js';
import type { Service, ServiceMethod, ServedCall } from '../../client/serve/index.js';
import type { Logger } from '../../sdk/index.js';
import type { CommitEngine, GenerationReason, Selection } from '../model/index.js';
import { assertDone, type Generator, type PlanOptions } from '../generation/index.js';
import { fileRows } from './rows.js';

export interface ServicePorts {
  readonly generator: Generator;
  readonly engine: CommitEngine;
  readonly logger: Logger;
}

const NAME = { type: 'string', minLength: 1, maxLength: 4_096 } as const;
const NAMES = { type: 'array', items: NAME, maxItems: 1_000 } as const;
const SELECTOR = {
  type: ['object', 'null'],
  properties: { names: NAMES, groups: NAMES },
  additionalProperties: false,
} as const;
const OPTIONS = {
  type: ['object', 'null'],
  properties: { confirmSeconds: { type: 'integer', minimum: 1, maximum: 86_400 } },
  additionalProperties: false,
} as const;
const PLAN_OPTIONS = {
  type: ['object', 'null'],
  properties: {
    asEnabled: { type: 'boolean', description: 'Files that are turned off as if they were on' },
  },
  additionalProperties: false,
} as const;
const REPORT = { type: 'object' } as const;
const ADMIN = ['admin'];
const READER = ['reader'];
const MAX_CONTENT = 4 * 1_024 * 1_024;

type Run = ServiceMethod['run'];

/** `etcd.generation`: what the original had under that name, and what it did not. */
export function generationService(ports: ServicePorts): Service {
  const { generator, engine } = ports;
  const { reports } = generator;

  const generating = (description: string, name: string, select: (name: string) => Selection) => ({
    description,
    roles: ADMIN,
    parameters: [name, 'options'],
    accepts: [NAME, OPTIONS],
    required: 1,
    returns: REPORT,
    run: (async ([of, options]: [string, { confirmSeconds?: number } | null], call) => {
      const report = await generator.generate(select(of), reasonOf(call), options ?? {});
      return assertDone(report);
    }) satisfies Run,
  });

  return {
    generate_file: generating(
      'Renders one file and puts it in place; EIO with the report when it failed',
      'name',
      (name) => ({ names: [name] }),
    ),
    generate_plugin: generating('The same as generate_file', 'name', (name) => ({ names: [name] })),
    generate_group: generating(
      'Renders the files of a group and puts them in place, in its order',
      'name',
      (name) => ({ groups: [name] }),
    ),
    generate: {
      description: 'Renders the files and the groups that are named, without either all',
      roles: ADMIN,
      parameters: ['selector', 'options'],
      accepts: [SELECTOR, OPTIONS],
      required: 0,
      returns: REPORT,
      run: async (
        [selector, options]: [Selection | null, { confirmSeconds?: number } | null],
        call,
      ) => {
        const report = await generator.generate(selector ?? {}, reasonOf(call), options ?? {});
        return assertDone(report);
      },
    },
    generate_all: {
      description: 'Renders all files and puts them in place; failures are in the report',
      roles: ADMIN,
      accepts: [],
      returns: REPORT,
      run: (_args: unknown, call) => generator.generate({}, reasonOf(call)),
    },
    checkpoint: {
      description: 'Generates the files of a checkpoint; failures are in the report',
      roles: ADMIN,
      parameters: ['name'],
      accepts: [NAME],
      returns: REPORT,
      run: ([name]: [string], call) => generator.generateCheckpoint(name, reasonOf(call)),
    },
    plan: {
      description: 'What generating would change, with differences; writes nothing',
      roles: ADMIN,
      parameters: ['selector', 'options'],
      accepts: [SELECTOR, PLAN_OPTIONS],
      required: 0,
      returns: REPORT,
      run: ([selector, options]: [Selection | null, PlanOptions | null]) =>
        generator.plan(selector ?? {}, options ?? {}),
    },
    confirm: {
      description: 'Keeps a generation that would be taken back',
      roles: ADMIN,
      parameters: ['id'],
      accepts: [NAME],
      returns: { type: 'null' },
      run: async ([id]: [string]) => {
        await engine.confirm(id);
        return null;
      },
    },
    get_managed_files: {
      description: 'Sources of the files by name',
      roles: READER,
      accepts: [],
      returns: { type: 'object' },
      run: () =>
        Object.fromEntries(
          Array.from(generator.catalog.targets.values(), ({ name, source }) => [name, source]),
        ),
    },
    get_groups: {
      description: 'Names of the groups',
      roles: READER,
      accepts: [],
      returns: { type: 'array', items: NAME },
      run: () => [...generator.catalog.groups.keys()],
    },
    query: {
      description: 'Reports of the latest generations, the oldest first',
      roles: READER,
      query: REPORT,
      run: ([filter, params]: [Filter, QueryParams | null]) =>
        queryArray(reports.all, filter, params),
    },
    explain: {
      description: 'What a file is made of, and why it is as it is',
      roles: READER,
      parameters: ['name'],
      accepts: [NAME],
      returns: { type: 'object' },
      run: ([name]: [string]) => explain(name, ports),
    },
    verify: {
      description: 'Files that are not as they were written',
      roles: ['operator'],
      parameters: ['selector'],
      accepts: [SELECTOR],
      required: 0,
      returns: { type: 'array', items: { type: 'object' } },
      run: ([selector]: [Selection | null | undefined]) =>
        engine.verify(namesOf(selector, generator)),
    },
    restore: {
      description: 'Writes a file that somebody else has changed as it should be',
      roles: ADMIN,
      parameters: ['name'],
      accepts: [NAME],
      returns: REPORT,
      run: async ([name]: [string]) => {
        const report = await generator.generate({ names: [name] }, 'drift');
        return assertDone(report);
      },
    },
    accept: {
      description: 'Takes what lies on the disk for right, until the next generation',
      roles: ADMIN,
      parameters: ['name'],
      accepts: [NAME],
      returns: { type: 'null' },
      run: async ([name]: [string]) => {
        await engine.accept(name);
        return null;
      },
    },
    history: {
      description: 'Contents that a file had, the newest first',
      roles: ADMIN,
      parameters: ['name'],
      accepts: [NAME],
      returns: { type: 'array', items: { type: 'object' } },
      run: ([name]: [string]) => engine.history(name),
    },
    get_revision: {
      description: 'A content that a file had; of a sensitive one only with reveal',
      roles: ADMIN,
      parameters: ['name', 'n', 'options'],
      accepts: [
        NAME,
        { type: 'integer', minimum: 1 },
        { type: ['object', 'null'], properties: { reveal: { type: 'boolean' } } },
      ],
      required: 2,
      run: (args: [string, number, { reveal?: boolean } | null], call) =>
        revision(args, { ports, call }),
    },
    rollback: {
      description: 'Puts a content that a file had back in place',
      roles: ADMIN,
      parameters: ['name', 'n'],
      accepts: [NAME, { type: 'integer', minimum: 1 }],
      returns: REPORT,
      run: async ([name, n]: [string, number], call) => {
        const report = await engine.rollback(name, n, reasonOf(call));
        reports.add(report);
        return assertDone(report);
      },
    },
  };
}

async function revision(
  [name, n, options]: [string, number, { reveal?: boolean } | null],
  { ports, call }: { readonly ports: ServicePorts; readonly call: ServedCall },
): Promise<unknown> {
  const { engine, logger } = ports;
  if (engine.states().get(name)?.isSensitive === true) {
    if (options?.reveal !== true) {
      const message = `${name} holds secrets: ask with {"reveal": true}, which is logged`;
      throw new RpcException(Errno.EACCES, message);
    }
    logger.warn('The content of a sensitive file was shown', { name, n, user: call.sender.user });
  }
  const content = await engine.revision(name, n);
  if (content.byteLength > MAX_CONTENT) throw new RpcException(Errno.EOVERFLOW, 'It is too large');
  return Buffer.from(content);
}

/** @throws RpcException ENOENT */
function explain(name: string, { generator, engine }: ServicePorts): object {
  const [row] = fileRows(generator, engine.states()).filter((one) => one['name'] === name);
  if (row === undefined) throw new RpcException(Errno.ENOENT, 'No such file', { name });
  const state = engine.states().get(name);
  const dependencies = (row['dependencies'] as readonly string[]).map((dependency) => ({
    dependency,
    changed_at: generator.dependencies.changedAt(dependency),
  }));
  return { ...row, dependencies, reason: state?.reason ?? null };
}

/** @param selector - not there at all for a caller that names nothing; null means all files */
function namesOf(
  selector: Selection | null | undefined,
  generator: Generator,
): readonly string[] | null {
  const { names, groups } = selector ?? {};
  if (selector == null || (names === undefined && groups === undefined)) return null;
  return generator.select(selector);
}

function reasonOf({ sender }: ServedCall): GenerationReason {
  return sender.task === undefined ? 'call' : `task:${sender.task}`;
}
