import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { NodeCalls, NodeDirectory } from '../cluster/index.js';
import { RpcModule } from './rpc.module.js';
import { ForwardedCalls } from './cluster/forwarded-calls.js';
import { Forwarder } from './cluster/forwarder.js';
import { Holders } from './cluster/holders.js';
import { LeaderSeat } from './cluster/leader-seat.js';
import { NodeRouter } from './cluster/node-router.js';
import { ServicesElsewhere } from './cluster/services-elsewhere.js';

/** Calls that another node makes, and those that it makes for another. */
@Module({
  imports: [AuthModule, RpcModule],
  providers: [
    ForwardedCalls,
    Forwarder,
    LeaderSeat,
    NodeRouter,
    ServicesElsewhere,
    {
      provide: Holders,
      useFactory: (calls: NodeCalls, directory: NodeDirectory) => new Holders(calls, directory),
      inject: [NodeCalls, NodeDirectory],
    },
  ],
  exports: [ForwardedCalls, LeaderSeat, NodeRouter, ServicesElsewhere],
})
export class ClusterRpcModule {}
