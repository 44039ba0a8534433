/**
 * The registry of callable methods and the pipeline every call takes: find, authorise, validate,
 * invoke, validate. Knows nothing of sockets and frames; the gateway and `callSync` both end here.
 * `cluster/` has calls made by other nodes, and makes theirs.
 */
export { ForwardedCalls } from './cluster/forwarded-calls.js';
export { LeaderSeat } from './cluster/leader-seat.js';
export { NodeRouter } from './cluster/node-router.js';
export { hashOfService } from './cluster/service-description.js';
export { ServicesElsewhere } from './cluster/services-elsewhere.js';
export { OpenRpcDescriber } from './openrpc-describer.js';
export { mayCall } from './authorise.js';
export { Call, type PipelineCallOptions } from './call.js';
export { CallTallies } from './call-tallies.js';
export { CallPipeline } from './call-pipeline.js';
export { type EndingSender, isEndingSender } from './ending-sender.js';
export { FragmentValidator } from './fragment-validator.js';
export { FailureReporter } from './failure-reporter.js';
export type { MethodHandler } from './method-handler.js';
export {
  type EnhancedMethod,
  exploreProvider,
  exploreService,
  type MethodShape,
} from './method.explorer.js';
export { ResultStream } from './result-stream.js';
export { SERVER_OWNER, ServiceOwner } from './service-owner.js';
export { type RemoteMethods, type Service, ServiceRegistry } from './service.registry.js';
