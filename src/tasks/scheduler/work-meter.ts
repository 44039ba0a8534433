/**
 * Counts what the scheduler does, in places visited: marks set, moved, taken away, blocked and
 * unblocked. The figure that a test holds against the promised cost, since seconds vary.
 */
export class WorkMeter {
  steps = 0;
}
