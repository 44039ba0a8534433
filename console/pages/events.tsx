import { PageHead } from '../parts/states.js';

export function Events() {
  return (
    <div class="page">
      <PageHead title="Events" />
    </div>
  );
}
