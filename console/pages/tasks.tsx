import { PageHead } from '../parts/states.js';

export function Tasks() {
  return (
    <div class="page">
      <PageHead title="Tasks" />
    </div>
  );
}
