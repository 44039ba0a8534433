import { Injectable } from '@nestjs/common';
import {
  AccountDirectory,
  ApiKeys,
  type Principal,
  Principals,
  TokenStore,
} from '../../auth/index.js';
import { coded, type RpcException } from '../../common/index.js';
import { type Call, mayCall } from '../../rpc/index.js';
import type { HttpCaller } from './http-caller.js';

export interface RunningCall {
  readonly call: Call;
  readonly caller: HttpCaller;
  /** Of the token that it is made by; null when it is made by an API key. */
  readonly tokenKey: string | null;
}

/** The calls over HTTP that are not answered yet: how many there are, and whether they may still go on. */
@Injectable()
export class RunningCalls {
  readonly #running = new Set<RunningCall>();
  readonly #perPrincipal = new Map<string, number>();

  constructor(
    directory: AccountDirectory,
    tokens: TokenStore,
    keys: ApiKeys,
    private readonly principals: Principals,
  ) {
    directory.onChange(() => this.#judgeAgain());
    keys.onEnd(() => this.#judgeAgain());
    tokens.onRevoked((key) => this.#end(coded('LOGIN_ENDED'), ({ tokenKey }) => tokenKey === key));
  }

  /** Takes a place among the calls of the principal; returns how to give it back, null when there is none. */
  enter({ kind, name }: Principal, limit: number): (() => void) | null {
    const key = `${kind}:${String(name)}`;
    const present = this.#perPrincipal.get(key) ?? 0;
    if (present >= limit) return null;
    this.#perPrincipal.set(key, present + 1);
    return () => {
      const left = (this.#perPrincipal.get(key) ?? 1) - 1;
      if (left === 0) this.#perPrincipal.delete(key);
      else this.#perPrincipal.set(key, left);
    };
  }

  add(running: RunningCall): void {
    this.#running.add(running);
  }

  remove(running: RunningCall): void {
    this.#running.delete(running);
  }

  abortAll(reason: RpcException): void {
    this.#end(reason, () => true);
  }

  #judgeAgain(): void {
    for (const { call, caller } of this.#running) {
      const present = this.principals.refresh(caller.principal);
      if (present === null) {
        call.abort(coded('LOGIN_ENDED'));
      } else if (present !== caller.principal) {
        caller.changeRights(present);
        if (call.access !== null && !mayCall(call.access, caller)) {
          call.abort(coded('INSUFFICIENT_PRIVILEGES'));
        }
      }
    }
  }

  #end(reason: RpcException, isConcerned: (running: RunningCall) => boolean): void {
    for (const running of this.#running) if (isConcerned(running)) running.call.abort(reason);
  }
}
