import { ROLES, toRole } from '../auth/index.js';
import { coded } from '../common/index.js';
import {
  accepts,
  Datastore,
  description,
  DuplicateKeyException,
  type Filter,
  provider,
  query,
  queryArray,
  type QueryParams,
  requireRoles,
  returns,
  type StoredRow,
} from '../sdk/index.js';
import { BUILT_IN_ROLES } from '../wire/constants.js';
import {
  NEW_ROLE,
  type NewRole,
  ROLE,
  ROLE_PATCH,
  type RolePatch,
  type RoleRow,
} from '../wire/index.js';

@provider('role')
@description('Roles of this installation, beside the built-in admin, operator and reader')
export class RoleService {
  constructor(private readonly store: Datastore) {}

  @description('Lists the roles that were added here')
  @query(ROLE)
  @requireRoles('admin')
  async query(filter?: Filter, params?: QueryParams): Promise<unknown> {
    const rows = await this.store.query(ROLES);
    return queryArray(rows.map(toRow), filter ?? null, params);
  }

  @description('Adds a role: masks over methods, over events to publish and tasks to submit')
  @accepts(NEW_ROLE)
  @returns(ROLE)
  @requireRoles('admin')
  async create(role: NewRole): Promise<RoleRow> {
    const { name } = role;
    assertOwn(name);
    const row = { publish: [], tasks: [], ...role };
    try {
      return toRow({ id: await this.store.insert(ROLES, row), ...row });
    } catch (error) {
      if (error instanceof DuplicateKeyException) throw coded('ROLE_EXISTS', { role: name });
      throw error;
    }
  }

  @description('Changes the masks of a role; whoever has it notices at the next call')
  @accepts(String, ROLE_PATCH)
  @returns(ROLE)
  @requireRoles('admin')
  async update(name: string, patch: RolePatch): Promise<RoleRow> {
    const { id } = await this.#find(name);
    return toRow(await this.store.update(ROLES, id, patch));
  }

  @description('Removes a role; who has it keeps the name, which then opens nothing')
  @accepts(String)
  @returns(null)
  @requireRoles('admin')
  async remove(name: string): Promise<null> {
    const { id } = await this.#find(name);
    await this.store.delete(ROLES, id);
    return null;
  }

  async #find(name: string): Promise<StoredRow> {
    assertOwn(name);
    const row = await this.store.getOne(ROLES, [['name', '=', name]]);
    if (row === null) throw coded('ROLE_NOT_FOUND', { role: name });
    return row;
  }
}

function assertOwn(name: string): void {
  if ((BUILT_IN_ROLES as readonly string[]).includes(name)) {
    throw coded('ROLE_BUILT_IN', { role: name });
  }
}

function toRow(row: StoredRow): RoleRow {
  const { name, methods, publish, tasks } = toRole(row) ?? { name: '' };
  return {
    name,
    methods: [...(methods ?? [])],
    publish: [...(publish ?? [])],
    tasks: [...(tasks ?? [])],
  };
}
