import { Empty, Bones } from '../parts/states.js';
import { hasTasks, isLoaded } from '../state/registry.js';
import { route } from '../state/router.js';
import { NewTask } from './tasks/new-task.js';
import { TaskPage } from './tasks/task-page.js';
import { TaskTable } from './tasks/task-table.js';

/** The table of tasks, one of them, or the form for a new one. */
export function Tasks() {
  const { item } = route.value;
  if (!isLoaded.value) return <Bones />;
  if (!hasTasks.value) {
    return (
      <Empty>
        <p>This server runs no tasks.</p>
      </Empty>
    );
  }
  if (item === 'new') return <NewTask />;
  const id = Number(item);
  return item !== '' && Number.isInteger(id) ? <TaskPage key={id} id={id} /> : <TaskTable />;
}
