import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PlainClient } from '../support/plain-client.js';
import { ServerProcess, type ServerSettings } from '../support/server-process.js';

/** Sources of plugins by their path below the plugin directory. */
export type PluginFiles = Readonly<Record<string, string>>;

/** The compiled server with plugins in a foreign directory, and the clients that a test opened. */
export class PluginServer {
  readonly #clients: PlainClient[] = [];

  private constructor(
    readonly process: ServerProcess,
    readonly plugins: string,
  ) {}

  static async start(files: PluginFiles, settings: ServerSettings = {}): Promise<PluginServer> {
    const plugins = await mkdtemp(join(tmpdir(), 'dispatcher-contract-'));
    await writeAll(plugins, files);
    const dispatcher = { 'plugin-dirs': [plugins], frontend: false, ...settings.dispatcher };
    try {
      const server = await ServerProcess.start({ ...settings, dispatcher });
      return new PluginServer(server, plugins);
    } catch (error) {
      await rm(plugins, { recursive: true, force: true });
      throw error;
    }
  }

  write(files: PluginFiles): Promise<void> {
    return writeAll(this.plugins, files);
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.plugins, path), { recursive: true });
  }

  /** A client that is closed with the others by {@link closeClients}. */
  async admin(...features: readonly string[]): Promise<PlainClient> {
    const client = await PlainClient.loggedIn(this.process.url);
    this.#clients.push(client);
    if (features.length > 0) await client.result('management.enable_features', features);
    return client;
  }

  async stranger(): Promise<PlainClient> {
    const client = await PlainClient.connect(this.process.url);
    this.#clients.push(client);
    return client;
  }

  async service(name: string): Promise<PlainClient> {
    const client = await this.stranger();
    await client.request('rpc', 'auth_service', { name });
    return client;
  }

  async closeClients(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.close()));
  }

  async stop(): Promise<void> {
    await this.closeClients();
    await this.process.stop();
    await rm(this.plugins, { recursive: true, force: true });
  }
}

async function writeAll(directory: string, files: PluginFiles): Promise<void> {
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), source);
  }
}
