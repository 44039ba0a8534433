import { PageHead } from '../parts/states.js';

export function Resources() {
  return (
    <div class="page">
      <PageHead title="Resources" />
    </div>
  );
}
