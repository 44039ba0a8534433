import { Segments } from '../parts/segments.js';
import { PageHead } from '../parts/states.js';
import { go, route } from '../state/router.js';
import { ApiKeys } from './users/api-keys.js';
import { Roles } from './users/roles.js';
import { UserTable } from './users/user-table.js';

const PARTS = [
  { id: 'users', label: 'Users' },
  { id: 'roles', label: 'Roles' },
  { id: 'keys', label: 'API keys' },
] as const;
type Part = (typeof PARTS)[number]['id'];
const VIEWS = { users: UserTable, roles: Roles, keys: ApiKeys } as const;

/** Who may log in, what each role opens, and the keys of programs. */
export function Users() {
  const part: Part = PARTS.find(({ id }) => id === route.value.item)?.id ?? 'users';
  const View = VIEWS[part];
  return (
    <div class="page">
      <div class="content">
        <PageHead title="Users">
          <Segments
            label="What to manage"
            options={PARTS}
            value={part}
            onChange={(id) => go('users', id)}
          />
        </PageHead>
        <View />
      </div>
    </div>
  );
}
