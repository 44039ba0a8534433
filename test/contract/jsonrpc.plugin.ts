/** Methods with every outcome that a JSON-RPC client may meet. */
export const PLUGIN = `
import { accepts, Errno, generator, h, params, Plugin, Provider, provider, returns, RpcException, signal } from 'dispatcher';

@provider('echo')
export class EchoProvider extends Provider {
  @params('left', 'right') @accepts(h.integer(), h.integer()) @returns(h.array(h.any())) pair(left: number, right: number) { return [left, right]; }
  @accepts(h.any()) @returns(h.any()) back(value: unknown) { return value; }
  @accepts() @returns(null) full() { throw new RpcException(Errno.ENOSPC, 'Disk is full', { free: 0 }); }
  @accepts() @returns(null) broken() { throw new Error('secret path'); }
  @accepts() @returns(h.array(h.integer())) @generator() *numbers() { yield 1; yield 2; yield 3; }
  @accepts() @returns(null) hang(@signal() stop: AbortSignal) { return new Promise((resolve) => stop.addEventListener('abort', () => resolve(null))); }
  @accepts(String) @returns(null) tell(what: string) { this.dispatcher.emitEvent('echo.told', { what }); return null; }
}
@Plugin({ providers: [EchoProvider] })
export default class {}
`;
