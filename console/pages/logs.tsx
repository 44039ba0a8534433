import { PageHead } from '../parts/states.js';

export function Logs() {
  return (
    <div class="page">
      <PageHead title="Logs" />
    </div>
  );
}
