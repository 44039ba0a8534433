import { PageHead } from '../parts/states.js';

export function Calls() {
  return (
    <div class="page">
      <PageHead title="Calls" />
    </div>
  );
}
