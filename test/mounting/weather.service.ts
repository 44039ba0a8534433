import { EventFanout } from '../../src/cluster/index.js';
import { accepts, description, provider, returns } from '../../src/sdk/index.js';

/** All that a new service of the server's own is, but for its place in the list. */
@provider('weather')
@description('What is to be expected')
export class WeatherService {
  constructor(private readonly fanout: EventFanout) {}

  @description('What it will be like in a town, and from which event on that is known')
  @accepts(String)
  @returns(String)
  forecast(town: string): string {
    return `Sun in ${town}, as of ${this.fanout.cursor === '' ? 'never' : 'now'}`;
  }
}
