/** Why a node cannot begin, with the way out. */
export class StartObstacle extends Error {
  constructor(
    message: string,
    /** Whether it may go by itself, as a server that is about to start. */
    readonly mayPass: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
